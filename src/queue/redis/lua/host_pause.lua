-- KEYS: pause. ARGV: pause in microseconds.
local at = now()
local over = math.max(at + tonumber(ARGV[1]), tonumber(redis.call('GET', KEYS[1])) or 0)
redis.call('SET', KEYS[1], over, 'PX', math.ceil((over - at) / 1000) + 1)
return 1
