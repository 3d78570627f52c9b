-- A member of a show's cues as XRANGE would give it: its ID, and names and
-- values; nil if it is none, or if it was still to come when its show ended, and
-- does not begin.  The fields are as cjson has them.

local LATE = 1000    -- SKEW of parts/cues.lua

local function entry_of(member, ended)
    local is_json, cue = pcall(cjson.decode, member)

    if not is_json or type(cue) ~= 'table' or type(cue.id) ~= 'string'
       or type(cue.at) ~= 'number'
    then
        return nil
    end

    local added = tonumber(string.match(cue.id, '^%d+')) or 0

    if ended and added <= ended and cue.at > math.max(added, ended) + LATE then
        return nil
    end

    local fields = {}

    for name, value in pairs(cue) do
        if type(value) == 'number' then
            value = string.format('%.0f', value)
        end

        if type(value) == 'string' and name ~= 'id' then
            fields[#fields + 1] = name
            fields[#fields + 1] = value
        end
    end

    return { cue.id, fields }
end
