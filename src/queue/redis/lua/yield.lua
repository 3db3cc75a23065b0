-- KEYS: seen of the other link, seen of the own link. ARGV: id, other id, remember in ms.
if redis.call('GET', KEYS[1]) == ARGV[1] then return 0 end
redis.call('SET', KEYS[2], ARGV[2], 'PX', ARGV[3])
return 1
