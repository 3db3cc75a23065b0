-- KEYS: stream. ARGV: entry, deliveries, consumer.
if not held(KEYS[1], ARGV[1], ARGV[2], ARGV[3]) then return 0 end
redis.call('XCLAIM', KEYS[1], GROUP, ARGV[3], 0, ARGV[1], 'JUSTID')
return 1
