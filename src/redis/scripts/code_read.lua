-- Reads a room's codes.
--
-- KEYS[1]  the room         KEYS[2]  its codes
--
-- Returns "ok", the room's version, and the codes as HGETALL; or
-- "room_unknown".

if redis.call('EXISTS', KEYS[1]) == 0 then
    return {'room_unknown'}
end

return {'ok', redis.call('HGET', KEYS[1], 'version') or '0',
        redis.call('HGETALL', KEYS[2])}
