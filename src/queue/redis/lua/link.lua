-- KEYS: seen. ARGV: id, remember in ms. Answers false, or the id of another job known by this link.
local holder = known(KEYS)
mark(KEYS, holder or ARGV[1], tonumber(ARGV[2]))
if holder and holder ~= ARGV[1] then return holder end
return false
