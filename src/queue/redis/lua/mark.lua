-- KEYS: seen... ARGV: remember in ms.
mark(KEYS, known(KEYS) or '', tonumber(ARGV[1]))
return 1
