-- Shared by all scripts. Times are microseconds of the server's clock, so that no two machines' clocks matter.
local GROUP = 'subscribers'

local function now()
  local t = redis.call('TIME')
  return t[1] * 1000000 + t[2]
end

-- A whole number as text. Lua's own way, which `..` uses, keeps 14 digits; a time has 16.
local function whole(number)
  return string.format('%.0f', number)
end

local function fields(list)
  local map = {}
  for i = 1, #list, 2 do map[list[i]] = list[i + 1] end
  return map
end

-- Whether this consumer still holds the entry by this very delivery.
local function held(stream, entry, deliveries, consumer)
  local p = redis.pcall('XPENDING', stream, GROUP, entry, entry, 1)
  return not p.err and p[1] ~= nil and p[1][2] == consumer and p[1][4] == tonumber(deliveries)
end

-- Ends a lease if it is held: takes the entry out of its stream, and notes by which lease and how. Answers
-- 'held'; 'done' when the same lease ended the same way before, by a call whose answer was lost; else 'lost'.
-- ARGV 1-3: entry, deliveries, consumer. KEYS 1-2: stream, job.
local function finish(how)
  local token = how .. ' ' .. ARGV[1] .. ' ' .. ARGV[2] .. ' ' .. ARGV[3]
  if not held(KEYS[1], ARGV[1], ARGV[2], ARGV[3]) then
    return redis.call('HGET', KEYS[2], 'end') == token and 'done' or 'lost'
  end
  redis.call('XACK', KEYS[1], GROUP, ARGV[1])
  redis.call('XDEL', KEYS[1], ARGV[1])
  redis.call('HSET', KEYS[2], 'end', token)
  return 'held'
end

-- Appends one line to a job's history, which keeps the last 20.
local function remember(job, line)
  local lines = {}
  for old in string.gmatch(redis.call('HGET', job, 'history') or '', '[^\n]+') do lines[#lines + 1] = old end
  lines[#lines + 1] = line
  redis.call('HSET', job, 'history', table.concat(lines, '\n', math.max(1, #lines - 19)))
end

-- A value of a seen key is kept; its time starts again when less than half is left.
local function refresh(key, remember_ms)
  if redis.call('PTTL', key) < remember_ms / 2 then redis.call('PEXPIRE', key, remember_ms) end
end

-- Marks every key; keys that are there keep their value.
local function mark(keys, value, remember_ms)
  for _, key in ipairs(keys) do
    if not redis.call('SET', key, value, 'NX', 'PX', remember_ms) then refresh(key, remember_ms) end
  end
end

-- The job under which one of the keys is known ('' without a job), or false.
local function known(keys)
  for _, key in ipairs(keys) do
    local job = redis.call('GET', key)
    if job then return job end
  end
  return false
end

local function this_hour()
  return math.floor(now() / 3600000000)
end

-- Adds to the counters of this hour: names and numbers from the given place in ARGV on. They are kept a little
-- longer than they are told (see `tally`).
local function count(prefix, from)
  local key = prefix .. this_hour()
  for i = from, #ARGV, 2 do redis.call('HINCRBY', key, ARGV[i], ARGV[i + 1]) end
  redis.call('EXPIRE', key, 26 * 3600)
end
