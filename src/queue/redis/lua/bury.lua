-- KEYS: stream, job, dead, prefixes of jobs, bodies, results and hours.
-- ARGV: entry, deliveries, consumer, id, job as JSON, attempts, failure, most dead ones kept, remember in ms,
--   counters...
local s = finish('bury')
if s ~= 'held' then return s == 'done' and 1 or 0 end
remember(KEYS[2], ARGV[7])
local place = redis.call('XADD', KEYS[3], '*', 'id', ARGV[4], 'n', ARGV[6], 'failure', ARGV[7], 'job', ARGV[5])
redis.call('HSET', KEYS[2], 'job', ARGV[5], 'state', 'dead', 'attempts', ARGV[6], 'updated', now(), 'dead', place)
-- It may be brought back: its time starts again.
redis.call('PEXPIRE', KEYS[5] .. ARGV[4], tonumber(ARGV[9]))
count(KEYS[7], 10)
local over = redis.call('XLEN', KEYS[3]) - tonumber(ARGV[8])
if over > 0 then
  for _, entry in ipairs(redis.call('XRANGE', KEYS[3], '-', '+', 'COUNT', math.min(over, 10))) do
    local id = fields(entry[2]).id
    if id then redis.call('DEL', KEYS[4] .. id, KEYS[5] .. id, KEYS[6] .. id) end
    redis.call('XDEL', KEYS[3], entry[1])
  end
end
return 1
