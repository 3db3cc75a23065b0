-- KEYS: job, dead.
local place = redis.call('HGET', KEYS[1], 'dead')
if not place then return 0 end
redis.call('XDEL', KEYS[2], place)
redis.call('DEL', KEYS[1])
return 1
