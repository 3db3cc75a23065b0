-- KEYS: left out... ARGV: remember in ms.
mark(KEYS, '', tonumber(ARGV[1]))
return 1
