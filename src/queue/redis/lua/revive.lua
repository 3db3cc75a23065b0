-- KEYS: job, dead, again. ARGV: id.
local place = redis.call('HGET', KEYS[1], 'dead')
if not place then return 0 end
local entry = redis.call('XRANGE', KEYS[2], place, place)[1]
if not entry then return 0 end
redis.call('XADD', KEYS[3], '*', 'id', ARGV[1], 'n', '0', 'turn', '', 'job', fields(entry[2]).job)
redis.call('XDEL', KEYS[2], place)
redis.call('HDEL', KEYS[1], 'dead')
redis.call('HSET', KEYS[1], 'state', 'waiting', 'attempts', '0', 'updated', now())
return 1
