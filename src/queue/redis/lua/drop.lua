-- KEYS: job, dead, body, result.
local place = redis.call('HGET', KEYS[1], 'dead')
if not place then return 0 end
redis.call('XDEL', KEYS[2], place)
redis.call('DEL', KEYS[1], KEYS[3], KEYS[4])
return 1
