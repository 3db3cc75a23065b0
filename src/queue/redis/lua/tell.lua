-- KEYS: story, prints... ARGV: event, story as JSON, keep in ms, how many events of a print are kept.
-- An event stays as it was first told. The oldest of a print go first: one that is common stays so.
local at, keep, kept = now(), tonumber(ARGV[3]), tonumber(ARGV[4])
redis.call('SET', KEYS[1], ARGV[2], 'NX', 'PX', keep)
for i = 2, #KEYS do
  redis.call('ZREMRANGEBYSCORE', KEYS[i], '-inf', at)
  redis.call('ZADD', KEYS[i], 'NX', whole(at + keep * 1000), ARGV[1])
  redis.call('ZREMRANGEBYRANK', KEYS[i], 0, -kept - 1)
  if redis.call('PTTL', KEYS[i]) < keep then redis.call('PEXPIRE', KEYS[i], keep) end
end
return 1
