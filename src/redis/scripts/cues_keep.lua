-- Keeps a room's newest cues with their shows, whoever wrote them: those that
-- are missing there are added, and those that were taken back since are taken
-- away.
--
-- KEYS[1]   the room         KEYS[2]  its cues         KEYS[3]  its shows
-- KEYS[4]…  the cues of shows, one each
-- ARGV[1]   the digest of the cues that the caller has seen
-- ARGV[2]…  in turn: a cue's ID, and the instant that it begins at, which may be
--           later than what was written
--
-- A cue that doesn't say of which show it is belongs to the one that went on
-- when it was added, or to the next.
--
-- Returns 1: all are kept; 0: there are others by now; or, if one is missing, an
-- array of the numbers of the shows whose cues are to be KEYS[4]…

--include kept

local SEEN = 200

local room, cues, shows = KEYS[1], KEYS[2], KEYS[3]
local begins, sets, needed, wanted, missing = {}, {}, {}, {}, false

for i = 2, #ARGV, 2 do
    begins[ARGV[i]] = tonumber(ARGV[i + 1])
end

for i = 4, #KEYS do
    sets[show_of_key(KEYS[i])] = KEYS[i]
end

-- { number, when it ended } of those that had begun, the newest first

local function begun_shows()
    local all, list = redis.call('HGETALL', shows), {}
    local ended = {}

    for i = 1, #all, 2 do
        ended[all[i]] = tonumber(all[i + 1])
    end

    for name, at in pairs(ended) do
        local show = string.match(name, '^(%d+):started$')

        if show then
            list[#list + 1] = { show = tonumber(show), started = at,
                                ended = ended[show .. ':ended'] }
        end
    end

    table.sort(list, function(a, b) return a.show > b.show end)

    return list
end

local list

local function show_at(added)
    list = list or begun_shows()

    for _, show in ipairs(list) do
        if show.started <= added then
            if show.ended and show.ended < added then
                return show.show + 1
            end

            return show.show
        end
    end

    return 1
end

local function parse(id)
    local ms, n = string.match(id, '^(%d+)-(%d+)$')

    return tonumber(ms), tonumber(n)
end

local function is_older(id, other)
    local ms, n = parse(id)
    local other_ms, other_n = parse(other)

    return ms < other_ms or ms == other_ms and n < other_n
end

local ids, seen, earliest = {}, {}, math.huge

for i, entry in ipairs(redis.call('XREVRANGE', cues, '+', '-', 'COUNT', SEEN))
do
    local id, fields = entry[1], {}

    for j = 1, #entry[2], 2 do
        fields[entry[2][j]] = entry[2][j + 1]
    end

    ids[i] = id
    seen[id] = {}

    local at = begins[id]

    if at then
        local show = tonumber(fields.show) or 0

        show = string.format('%.0f', show > 0 and show or show_at(parse(id)))
        seen[id] = { show = show, at = at,
                     member = member_of(id, at, show, fields) }
        earliest = math.min(earliest, at)

        missing = missing or not sets[show]

        if not wanted[show] then
            wanted[show] = true
            needed[#needed + 1] = tonumber(show)
        end
    end
end

if missing then
    return needed
end

for show, key in pairs(sets) do
    local members = earliest < math.huge
                    and redis.call('ZRANGE', key,
                                   string.format('%.0f', earliest), '+inf',
                                   'BYSCORE')
                    or {}

    for _, member in ipairs(members) do
        local id = id_of(member)
        local cue = id and seen[id]

        if cue and cue.member and (cue.show ~= show or cue.member ~= member)
           or id and not cue and not is_older(id, ids[#ids])
        then
            redis.call('ZREM', key, member)
        end
    end
end

for _, cue in pairs(seen) do
    if cue.member then
        keep(sets[cue.show], cue.at, cue.member)
    end
end

if digest(ids) ~= ARGV[1] then
    return 0
end

redis.call('HSET', room, 'kept', ARGV[1])

return 1
