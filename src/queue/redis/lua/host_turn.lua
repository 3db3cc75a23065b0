-- KEYS: host, pause. ARGV: interval in microseconds, microseconds until the turn reserved earlier (or '').
-- Answers the wait in microseconds.
local at, interval, ahead = now(), tonumber(ARGV[1]), tonumber(ARGV[2])
local paused = tonumber(redis.call('GET', KEYS[2])) or 0
if interval == 0 then return math.max(0, paused - at) end
if ahead and at + ahead + 50000 >= paused and -ahead <= math.max(interval, 1000000) then
  if ahead <= 50000 then ahead = 0 end
  return math.max(ahead, paused - at)
end
local turn = math.max(at, paused, tonumber(redis.call('GET', KEYS[1])) or 0)
local next = turn + interval
redis.call('SET', KEYS[1], next, 'PX', math.ceil((next - at) / 1000) + 1)
return turn - at
