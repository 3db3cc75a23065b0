-- KEYS: host. ARGV: interval in microseconds. Answers the wait in microseconds.
local at = now()
local turn = math.max(at, tonumber(redis.call('GET', KEYS[1])) or 0)
local next = turn + tonumber(ARGV[1])
redis.call('SET', KEYS[1], next, 'PX', math.ceil((next - at) / 1000) + 1)
return turn - at
