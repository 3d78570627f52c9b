// What the page says, in the browser's language: Chinese, or else English.

const ENGLISH = {
    // a notice's title and text, by the state of the picture or the door
    connecting: ["Connecting", "The picture will be here in a moment."],
    waiting: ["One moment", "The picture is catching up."],
    soon: ["The show starts soon", "Stay here: it begins by itself."],
    ended: ["The show has ended", "You can still look through the products."],
    unknown: ["There is no such room", "Please check the address."],
    away: ["No connection", "Trying again."],
    unsupported: ["This browser can't play the show",
                  "Please try a newer one."],

    code: ["This room has a door", "Enter the code that you were given."],
    follow: ["This room is for followers",
             "Follow the host and try again, or enter a code."],
    removed: ["You were removed", "You can't watch this room any more."],
    signedOut: ["You were signed out", "Please come in again."],
    expired: ["Your time here has ended", "Please come in again."],
    closed: ["This room is closed", "Nobody can watch it now."],
    scheduled: ["The show has not begun", "Stay here: it begins by itself."],

    // below the field of the code
    wrong: "This code does not open the room.",
    slower: "Too many wrong codes. Please wait a moment.",
    later: "That didn't get through. Please try again.",

    live: "LIVE",
    offline: "Offline",
    badgeConnecting: "Connecting",
    badgeSoon: "Soon",
    badgeEnded: "Ended",
    badgeDoor: "Door",

    video: "Live video",
    sound: "Sound",
    unmute: "Unmute",
    play: "Play",
    now: "Shown now",
    codeField: "Code",
    enter: "Enter",
    again: "Come in again",
    products: "Products",
    closeList: "Close the list",
    empty: "Nothing on the shelf yet.",
    buy: "Buy",
    gone: "Sold out",
    page: "Live",

    all: (n) => `All products: ${n}`,
    left: (n) => `Only ${n} left`,
    noted: (title) => `Noted: ${title}`,
    begins: (date, left) => `It begins ${date}, in ${left}.`,
};

const CHINESE = {
    connecting: ["正在连接", "画面马上就来。"],
    waiting: ["请稍候", "画面正在缓冲。"],
    soon: ["直播即将开始", "请留在这里，到时会自动播放。"],
    ended: ["直播已结束", "您仍可以浏览商品。"],
    unknown: ["没有这个直播间", "请检查网址。"],
    away: ["网络断开了", "正在重试。"],
    unsupported: ["此浏览器无法播放直播", "请换用较新的浏览器。"],

    code: ["此直播间需要口令", "请输入您收到的口令。"],
    follow: ["此直播间仅限粉丝", "请关注主播后重试，或输入口令。"],
    removed: ["您已被移出直播间", "您不能再观看此直播间。"],
    signedOut: ["您已退出登录", "请重新进入。"],
    expired: ["观看凭证已过期", "请重新进入。"],
    closed: ["此直播间已关闭", "现在无法观看。"],
    scheduled: ["直播还没有开始", "请留在这里，到时会自动播放。"],

    wrong: "口令不正确。",
    slower: "输错次数太多，请稍候再试。",
    later: "没有成功，请再试一次。",

    live: "直播中",
    offline: "离线",
    badgeConnecting: "连接中",
    badgeSoon: "即将开始",
    badgeEnded: "已结束",
    badgeDoor: "未进入",

    video: "直播画面",
    sound: "声音",
    unmute: "打开声音",
    play: "播放",
    now: "正在讲解",
    codeField: "口令",
    enter: "进入",
    again: "重新进入",
    products: "商品",
    closeList: "关闭列表",
    empty: "货架上还没有商品。",
    buy: "购买",
    gone: "已售罄",
    page: "直播",

    all: (n) => `全部商品：${n}`,
    left: (n) => `仅剩 ${n} 件`,
    noted: (title) => `已记下：${title}`,
    begins: (date, left) => `${date}开始，还有 ${left}。`,
};

const chinese = /^zh\b/i.test(navigator.language);

export const words = chinese ? CHINESE : ENGLISH;


// Puts the words into a page that was written in English: data-word names an
// element's text, data-label its label.

export function translate(root) {
    for (const place of root.querySelectorAll("[data-word]")) {
        place.textContent = words[place.dataset.word];
    }

    for (const place of root.querySelectorAll("[data-label]")) {
        place.setAttribute("aria-label", words[place.dataset.label]);
    }
}

if (chinese) {
    document.documentElement.lang = "zh";
}
