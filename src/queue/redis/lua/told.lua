-- KEYS: prefix of stories, prints... ARGV: how many events of a print are told.
-- Answers a list for each print: the stories as JSON of the events that left it, the latest first.
local at, out = '(' .. whole(now()), {}
for i = 2, #KEYS do
  local stories = {}
  for _, event in ipairs(redis.call('ZRANGE', KEYS[i], '+inf', at, 'BYSCORE', 'REV', 'LIMIT', 0, ARGV[1])) do
    local story = redis.call('GET', KEYS[1] .. event)
    if story then stories[#stories + 1] = story end
  end
  out[#out + 1] = stories
end
return out
