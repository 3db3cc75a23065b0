-- KEYS: articles, job, left out..., seen... ARGV: id, job as JSON, remember in ms, how many are left out.
-- Answers false, or the id of the job known.
local left_out = {unpack(KEYS, 3, 2 + tonumber(ARGV[4]))}
local keys = {unpack(KEYS, 3 + tonumber(ARGV[4]))}
local remember_ms = tonumber(ARGV[3])
local holder = known(keys)
if not holder and known(left_out) then
  mark(left_out, '', remember_ms)
  return ''
end
mark(keys, holder or ARGV[1], remember_ms)
-- Known by this very job: it was published by a call whose answer was lost.
if holder == ARGV[1] then return false end
if holder then return holder end
redis.call('XADD', KEYS[1], '*', 'id', ARGV[1], 'n', '0', 'job', ARGV[2])
redis.call('HSET', KEYS[2], 'job', ARGV[2], 'state', 'waiting', 'attempts', '0', 'updated', now())
return false
