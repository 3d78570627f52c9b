-- The cues of a show, kept for good: a sorted set by their instants, of JSON
-- objects that begin with the cue's ID, and have their fields in one order, so
-- that the same cue is the same member whoever adds it.  It expires with the
-- show's counts.  "kept" of the room is a digest of the newest cues, as they
-- were when all of them had been kept.

local LASTS = 90 * 24 * 3600 * 1000

local FIELDS = {'product', 'version', 'title', 'price', 'currency', 'stock',
                'link', 'image'}

local function member_of(id, at, show, fields)
    local json = '{"id":"' .. id .. '","at":' .. string.format('%.0f', at)
                 .. ',"show":' .. show

    for _, name in ipairs(FIELDS) do
        if fields[name] then
            local text = string.gsub(cjson.encode(fields[name]), '\\/', '/')
            json = json .. ',"' .. name .. '":' .. text
        end
    end

    return json .. '}'
end

local function id_of(member)
    return string.match(member, '^{"id":"([%d-]+)"')
end

local function keep(key, at, member)
    redis.call('ZADD', key, string.format('%.0f', at), member)
    redis.call('PEXPIRE', key, LASTS)
end

-- a cue that begins at that instant, or somewhat later

local function forget(key, id, at)
    local from = string.format('%.0f', at)

    for _, member in ipairs(redis.call('ZRANGE', key, from, '+inf',
                                       'BYSCORE'))
    do
        if id_of(member) == id then
            redis.call('ZREM', key, member)
        end
    end
end

-- of a key as PREFIX{ROOM}:SHOW:cues

local function show_of_key(key)
    return string.match(key, ':(%d+):cues$')
end

local function digest(ids)
    return redis.sha1hex(table.concat(ids, ' '))
end

-- Changes the newest cues; if all of them had been kept, they still are.

local function still_kept(room, ids, change)
    local were = #ids == 0 or redis.call('HGET', room, 'kept') == digest(ids)

    change(ids)

    if were then
        redis.call('HSET', room, 'kept', digest(ids))
    end
end
