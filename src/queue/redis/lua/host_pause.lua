-- KEYS: host. ARGV: pause in microseconds.
local at = now()
local next = math.max(at + tonumber(ARGV[1]), tonumber(redis.call('GET', KEYS[1])) or 0)
redis.call('SET', KEYS[1], next, 'PX', math.ceil((next - at) / 1000) + 1)
return 1
