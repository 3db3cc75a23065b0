-- An entry that is no job is set aside among the dead, where it holds up nobody.
-- KEYS: stream, dead. ARGV: entry, what it held.
if redis.call('XACK', KEYS[1], GROUP, ARGV[1]) == 1 then
  redis.call('XDEL', KEYS[1], ARGV[1])
  redis.call('XADD', KEYS[2], '*', 'unreadable', ARGV[2])
end
return 1
