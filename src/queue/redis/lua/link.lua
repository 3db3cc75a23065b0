-- KEYS: seen by link, claimed. ARGV: id, remember in ms. Answers false, or the id of another job of this link.
local published, claimed = known({KEYS[1]}), known({KEYS[2]})
if published and published ~= ARGV[1] then return published end
if claimed and claimed ~= ARGV[1] then return claimed end
if not published then mark({KEYS[2]}, ARGV[1], tonumber(ARGV[2])) end
return false
