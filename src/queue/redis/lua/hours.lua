-- KEYS: prefix of hours. ARGV: how many. Answers {number of this hour, {number, counter, count...}...}.
local current = this_hour()
local out = {current}
for hour = current - tonumber(ARGV[1]) + 1, current do
  local counters = redis.call('HGETALL', KEYS[1] .. hour)
  if #counters > 0 then out[#out + 1] = {hour, unpack(counters)} end
end
return out
