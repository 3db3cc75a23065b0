-- KEYS: stream, job, delivered or skipped ones, body, result, prefix of hours.
-- ARGV: entry, deliveries, consumer, id, job as JSON, attempts, state, note, keep in ms, counters...
local s = finish(ARGV[7])
if s ~= 'held' then return s == 'done' and 1 or 0 end
local at, keep = now(), tonumber(ARGV[9])
redis.call('HSET', KEYS[2], 'job', ARGV[5], 'state', ARGV[7], 'attempts', ARGV[6], 'note', ARGV[8], 'updated', at)
redis.call('PEXPIRE', KEYS[2], keep)
redis.call('PEXPIRE', KEYS[5], keep)
redis.call('DEL', KEYS[4])
redis.call('ZADD', KEYS[3], at, ARGV[4])
local past = redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', whole(at - keep * 1000), 'LIMIT', 0, 100)
for _, member in ipairs(past) do redis.call('ZREM', KEYS[3], member) end
count(KEYS[6], 10)
return 1
