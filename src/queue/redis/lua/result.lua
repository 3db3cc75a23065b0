-- KEYS: stream, job, result. ARGV: entry, deliveries, consumer, result, keep in ms.
if not held(KEYS[1], ARGV[1], ARGV[2], ARGV[3]) then return 0 end
redis.call('SET', KEYS[3], ARGV[4], 'PX', ARGV[5])
return 1
