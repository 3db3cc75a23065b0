-- KEYS: articles, job, body, left out..., seen...
-- ARGV: id, job as JSON, remember in ms, how many are left out, 1 to publish whatever is known, submitted page or ''.
-- Answers false, or the id of the job known.
local id, job, remember_ms, count = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local left_out = {unpack(KEYS, 4, 3 + count)}
local keys = {unpack(KEYS, 4 + count)}

local function put()
  redis.call('XADD', KEYS[1], '*', 'id', id, 'n', '0', 'job', job)
  redis.call('HSET', KEYS[2], 'job', job, 'state', 'waiting', 'attempts', '0', 'updated', now())
  if ARGV[6] ~= '' then redis.call('SET', KEYS[3], ARGV[6], 'PX', remember_ms) end
end

if ARGV[5] == '1' then
  -- One that is there was published by a call whose answer was lost.
  if redis.call('EXISTS', KEYS[2]) == 0 then
    for _, key in ipairs(keys) do redis.call('SET', key, id, 'PX', remember_ms) end
    put()
  end
  return false
end
local holder = known(keys)
if not holder and known(left_out) then
  mark(left_out, '', remember_ms)
  return ''
end
mark(keys, holder or id, remember_ms)
-- Known by this very job: it was published by a call whose answer was lost.
if holder == id then return false end
if holder then return holder end
put()
return false
