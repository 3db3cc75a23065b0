-- KEYS: stream, job. ARGV: entry, deliveries, consumer, destination, receipt as JSON.
if not held(KEYS[1], ARGV[1], ARGV[2], ARGV[3]) then return 0 end
redis.call('HSET', KEYS[2], 'r:' .. ARGV[4], ARGV[5])
return 1
