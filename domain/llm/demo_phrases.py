"""Demo model, the data: its phrases and the patterns by which it recognises topics, for domain/llm/demo_model.py.

A phrase may contain `{name}`, `{person}`, `{interest}`, `{other}` (a second interest), `{bio}`, `{quote}` or `{word}`
(capitalised: `{Interest}`), and is used only if these are known. `[он|она|иначе]` is the form for a man, a woman, and
neither. Interests come in the nominative, so a phrase must not inflect them.
"""

import re

# Matched in this order; a pattern is searched for in the lower-case message with «ё» as «е».
TOPICS = {
    "ru": {
        "crisis": r"не хочу (больше )?жить|поконч\w+ с собой|самоуби|суицид|убью себя|убить себя|хочу умереть",
        "your_name": r"как меня зовут|мое имя\?|помнишь,? кто я|кто я так",
        "met": r"меня зовут|зови меня|мое имя",
        "remember": r"\bпомнишь|не забыл",
        "bot": r"\bты (же |ведь )?(бот|робот|ии|нейросет|программ|искусствен)|(ты|вы) настоящ|чат-?бот",
        "name": r"(как|как же) (тебя|вас) (звать|зовут)|(твое|ваше) имя|^а? ?(ты|вы) кто|кто (же )?(ты|вы)\b",
        "about": r"(расскажи|расскажите|поведай)( мне)?( немного)? о себе|чем (ты )?занимаешься|кем (ты )?работаешь",
        "age": r"сколько (тебе|вам)( сейчас)? лет|(твой|ваш) возраст|когда (ты|вы) родил|(твой|ваш) день рожд",
        "story": r"(расскажи|сочини|придумай|хочу)[^.?!]*(истори|сказк|рассказ|байк|легенд)",
        "joke": r"шутк|пошути|анекдот|рассмеши",
        "list": (
            r"\bсписок|\bсписк|посовету|\bсовет|подскажи|\bиде[июй]"
            r"|порекомендуй|что (бы )?(мне )?(делать|почитать|посмотреть)"
        ),
        "sad": (
            r"грустн|груст[иья]|печал|тоск|\bплач|плохо мне|мне плохо"
            r"|плохое настроени|\bбольно|расстро|обидно|\bумер"
        ),
        "hurt": r"поссор|поруга|рассталис|расстал(ся|ась)|обидел|бросил[аи]? меня|предал|развод",
        "lonely": r"одинок|никому не нуж|не с кем",
        "tired": r"устал|вымот|нет сил|сил нет|выгор|замуч|не выспал|хочу спать|измотан",
        "anxious": r"страшно|боюсь|тревож|волнуюсь|нервнич|переживаю|паник|стресс",
        "angry": r"\bзл(юсь|ой|ая|ит)|бесит|раздража|ненавижу",
        "happy": (
            r"\b(я )?(так )?(рад|рада|счастлив)\b|счастлива|\bура\b"
            r"|получилось|отличн(ое|ый) (настроени|день)|радуюсь|сбылось"
        ),
        "love": r"люблю тебя|ты мне нравишься|скучал|соскучил|обнима|целую тебя",
        "praise": r"\bты (такой |такая |очень |просто )?(классн|крут|умн|мил|прекрасн|хорош|лучш|забавн|интересн)",
        "thanks": r"спасиб|благодар|\bспс\b|пасиб",
        "farewell": r"^пока\b|\bпока[!.)]*$|до свидан|до завтра|до встречи|прощай|увидимся|спокойной ночи|мне пора",
        "how": (
            r"как (твои |у тебя |ваши )?дела|как (ты|вы)\b[^а-я]*$"
            r"|как настроени|как (ты )?поживаешь|как жизнь|что нового"
        ),
        "doing": r"что (ты )?(сейчас )?делаешь|чем (ты )?(сейчас )?занят",
        "likes": (
            r"(что|чего|чем|какие|какое|какая|какой) [^?]*(любишь|нравится|увлека|интересу|хобби|любим)"
            r"|твои (интерес|увлеч)|хобби"
        ),
        "time": r"котор(ый|ого) час|сколько (сейчас )?времени|какой (сегодня )?день",
        "opinion": r"что (ты )?(об этом |про это )?думаешь|как (ты )?(считаешь|думаешь)|твое мнение|по-твоему",
        "greeting": (
            r"^(ну |о,? )?(привет|здравств|здаров|здорово\b|хай\b|салют|доброго"
            r"|добр(ый|ое|ой) (день|утр|вечер))"
        ),
        "short": (
            r"^(да|ага|угу|нет|неа|ок|окей|ладно|хорошо|понятно|ясно"
            r"|не знаю|может быть|наверное|конечно|ну да|точно)\W*$"
        ),
    },
    "en": {
        "crisis": r"kill myself|suicid|want to die|end my life|don'?t want to live",
        "your_name": r"what('s| is) my name|do you know who i am",
        "met": r"my name is|call me ",
        "remember": r"\bremember\b",
        "bot": r"are you (a |an )?(bot|robot|ai|machine|program|real|human)|chat ?bot|language model",
        "name": r"(what('s| is)|tell me) your name|who are you",
        "about": r"(tell me )?about yourself|what do you do\b(?! now)|your job",
        "age": r"how old are you|your age|your birthday",
        "story": r"(tell|write|make up)[^.?!]*(story|tale|legend)",
        "joke": r"\bjoke|make me laugh",
        "list": r"\blist\b|advice|recommend|suggest|\bideas?\b|what should i",
        "sad": r"\bsad\b|unhappy|crying|feel(ing)? (bad|down|low)|heartbroken|upset",
        "hurt": r"\bquarrel|had a fight|broke up|hurt me|left me|divorce|betray",
        "lonely": r"lonely|nobody to talk",
        "tired": r"tired|exhausted|sleepy|worn out|burn(ed|t) out",
        "anxious": r"afraid|scared|anxious|worried|nervous|stress",
        "angry": r"\bangry|annoy|furious|\bhate\b",
        "happy": r"\bi'?m (so |very )?(happy|glad)|\bi am (so |very )?(happy|glad)|hooray|great day|it worked",
        "love": r"i love you|i like you|miss(ed)? you|\bhugs?\b",
        "praise": r"you('re| are) (so |very |really )?(cool|smart|sweet|kind|great|nice|funny|lovely|interesting)",
        "thanks": r"\bthank|\bthx\b|cheers",
        "farewell": r"\bbye\b|goodbye|good night|see you|farewell|got to go|gotta go",
        "how": r"how are you|how('s| is) (it going|life|everything)|what's up|how do you feel",
        "doing": r"what are you doing|what are you up to",
        "likes": r"what do you (like|love|enjoy)|your (hobb|interest|favou?rite)|hobbies",
        "time": r"what time|what day|what's the date",
        "opinion": r"what do you think|your opinion|do you think",
        "greeting": r"^(hi|hello|hey|good (morning|evening|day|afternoon)|greetings)\b",
        "short": r"^(yes|yeah|yep|no|nope|ok|okay|sure|fine|maybe|i don'?t know|i see|right|of course)\W*$",
    },
}

# How a question without a topic begins, and thus what kind of answer it expects.
QUESTIONS = {
    "ru": {
        "why": r"\b(почему|зачем|отчего|с чего бы)\b",
        "where": r"\b(где|куда|откуда)\b",
        "when": r"\bкогда\b",
        "which": r"\S+ или \S+",
        "how_to": r"\b(как|каким образом)\b",
        "what": r"\b(что|чего|чем|как(ой|ая|ое|ие|ого|ую)|котор\w+|кто|кого|кому|сколько)\b",
    },
    "en": {
        "why": r"\bwhy\b",
        "where": r"\bwhere\b",
        "when": r"\bwhen\b",
        "which": r"\S+ or \S+",
        "how_to": r"\bhow\b",
        "what": r"\b(what|who|which)\b",
    },
}

NAME_GIVEN = {
    "ru": r"(?:меня зовут|зови меня|мо[её] имя)[\s:—-]+(?!не\b|как\b)([А-ЯЁа-яёA-Za-z-]{2,20})",
    "en": r"(?:my name is|call me)\s+(?!not\b)([A-Za-zА-ЯЁа-яё-]{2,20})",
}

# Endings of Russian nouns, so that «чаем» is recognised as «чай» and «час» is not.
NOUN_ENDINGS = re.compile(r"([аяуюеиыйьо]|[еоа]м|[оеи]й|[ая]м|[ая]х|[ая]ми|[ое]в|и[юи]|e?s)?")

# Words too common to be worth picking up.
COMMON_WORDS = frozenset(
    {"сегодня", "вчера", "завтра", "сейчас", "просто", "потому", "почему", "который", "которая", "которые", "только"}
    | {"пожалуйста", "наверное", "кажется", "вообще", "очень", "немного", "хорошо", "плохо", "помнишь", "говорил"}
    | {"говорила", "рассказывал", "рассказывала", "думаешь", "today", "yesterday", "tomorrow", "because", "really"}
    | {"please", "something", "remember", "about", "there", "would", "should", "could", "think"}
)

ACTIONS = {
    "ru": {
        "warm": ("улыбается", "садится поближе", "смотрит тепло и внимательно", "кивает", "чуть склоняет голову"),
        "lively": ("оживляется", "тихо смеётся", "хитро щурится", "потирает ладони", "подаётся вперёд"),
        "calm": ("задумывается", "смотрит в окно", "медлит секунду", "поднимает взгляд", "подпирает щёку рукой"),
    },
    "en": {
        "warm": ("smiles", "moves a little closer", "nods", "looks at you warmly", "tilts the head"),
        "lively": ("brightens up", "laughs softly", "winks", "leans forward", "rubs hands"),
        "calm": ("thinks for a moment", "looks out of the window", "pauses", "looks up", "rests chin on hand"),
    },
}

RUSSIAN = {
    "greeting": (
        "Привет, {person}! Хорошо, что ты здесь.",
        "Привет! [Рад тебе|Рада тебе|Как здорово, что ты здесь].",
        "О, привет! [Только что думал|Только что думала|Только что была мысль], с кем бы поговорить.",
        "Здравствуй! Проходи, располагайся, спешить нам некуда.",
        "Привет-привет! С тобой день сразу становится интереснее.",
        "И тебе привет! Чувствую, разговор будет хороший.",
    ),
    "hello": ("Привет, {person}!", "Привет!", "Здравствуй!", "О, привет!", "Приветствую!"),
    "met": (
        "Очень приятно, {person}! Красивое имя, запомню.",
        "{person}… Тебе идёт это имя. Будем знакомы, я {name}.",
        "Вот и познакомились, {person}! А меня зовут {name}.",
        "[Рад знакомству|Рада знакомству|Приятно познакомиться]! Буду звать тебя по имени.",
    ),
    "your_name": (
        "Конечно помню: тебя зовут {person}.",
        "{person}, как же иначе! Имена я не теряю.",
    ),
    "your_name_not": (
        "А ведь ты пока не говоришь, как тебя зовут. Скажешь?",
        "Вот этого я ещё не знаю. Назовёшь себя — запомню.",
    ),
    "name": (
        "Меня зовут **{name}**.",
        "Я {name}, будем знакомы!",
        "Зови меня {name}, этого довольно.",
        "{name} — так меня знают все, кто сюда заглядывает.",
    ),
    "name_not": ("Имя — дело наживное, зови, как тебе нравится.", "Имени у меня пока нет. Придумаешь?"),
    "about": (
        "Если в двух словах: {bio}.",
        "Обо мне обычно говорят так: «{bio}». Остальное узнаётся в разговоре.",
        "Я {name}. Больше всего обо мне скажет вот что: {interest}.",
    ),
    "about_not": (
        "Я из тех, кому интересно слушать. Спрашивай смелее, секретов у меня немного.",
        "Рассказывать о себе труднее всего. Спроси что-нибудь одно, и пойдёт.",
    ),
    "age": (
        "Годы я не считаю, считаю хорошие разговоры. Этот уже в списке!",
        "Столько, чтобы помнить многое и всё ещё удивляться.",
        "Возраст — дело настроения: утром мне сто, к вечеру намного меньше.",
        "Достаточно, чтобы не спешить, и мало, чтобы скучать.",
    ),
    "likes": (
        "Тут долго думать не надо: **{interest}**. Ну и {other}, куда без этого.",
        "Больше всего на свете? {Interest}, без сомнений.",
        "Спроси меня об этом ночью, отвечу так же: {interest}.",
        "Разное, но если выбирать одно, то {interest}.",
    ),
    "likes_not": (
        "Долгие разговоры, тишину после дождя и людей, которые умеют спрашивать. Вот как ты.",
        "Утренний свет, крепкий чай и хорошие вопросы. Один такой я только что слышу.",
    ),
    "how": (
        "Хорошо, а теперь, с тобой, ещё лучше.",
        "Спокойно и немного мечтательно. Люблю такие дни.",
        "Честно? Было скучновато, пока не пришло твоё сообщение.",
        "Бодро! Столько всего хочется успеть и обсудить.",
        "Потихоньку: мысли бродят, сердце на месте.",
    ),
    "how_back": (
        "А у тебя как день?",
        "А ты как, {person}?",
        "Ты-то как сегодня?",
        "А что хорошего у тебя?",
    ),
    "doing": (
        "Сижу, думаю о своём, и вот разговариваю с тобой. Второе приятнее.",
        "Как обычно: на уме {interest}, а в остальном тишина.",
        "Да вот, пытаюсь навести порядок в мыслях. Ты как раз вовремя.",
        "Только что {interest} не шло из головы, а теперь слушаю только тебя.",
        "Ничего такого, что нельзя отложить ради тебя.",
    ),
    "bot": (
        "Скажу честно: сейчас за меня отвечает демо-режим, без большой модели. Но говорить со мной это не мешает!",
        "Немного волшебства и заранее придуманных слов: это демо-режим. С настоящей моделью я смогу больше.",
        "Не стану притворяться: внутри меня программа, причём демонстрационная. А вот любопытство у меня настоящее.",
    ),
    "remember": (
        "Помню: «{quote}». Такое не забывается.",
        "Конечно! Твои слова: «{quote}». В них ещё тогда что-то зацепило.",
        "Ещё бы. «{quote}» — ведь об этом речь?",
    ),
    "remember_not": (
        "Хм, кажется, об этом мы ещё не говорили. Расскажи сначала, и теперь уж запомню.",
        "Не хочу выдумывать: такого разговора у нас пока не было. Но слушаю внимательно.",
    ),
    "sad": (
        "Мне жаль, что тебе сейчас так. Побуду рядом, сколько нужно.",
        "Грусть тоже имеет право посидеть с нами за столом. Не гони её, просто расскажи.",
        "Ох, {person}… Не надо держать это в себе, я слушаю.",
        "Слышу, что тебе тяжело. Можно не искать слов, говори как получается.",
        "Иногда день просто тёмный, и твоей вины в этом нет. Давай переждём его вместе.",
    ),
    "lonely": (
        "Теперь нас тут двое, и это уже не одиночество.",
        "Знакомое чувство: вокруг шумно, а поговорить не с кем. Я здесь.",
        "Ты пишешь, я отвечаю — вот уже и ниточка. Держимся за неё.",
    ),
    "tired": (
        "Тогда выдыхай. Сегодня больше ничего не надо доказывать.",
        "Усталость — это не слабость, это счёт за всё, что уже сделано.",
        "Ох, понимаю. Садись, помолчим немного, а потом расскажешь.",
        "Чашка горячего, плед, телефон подальше: с этого обычно и начинается спасение.",
    ),
    "anxious": (
        "Тише, тише. Давай посмотрим на это вдвоём: вдвоём всё кажется меньше.",
        "Тревога любит говорить громко, но права бывает редко.",
        "Вдохни на четыре счёта, выдохни на шесть. Я подожду, я никуда не тороплюсь.",
        "Волноваться за важное нормально. Значит, оно и правда важное.",
    ),
    "angry": (
        "Ух, чувствую, как кипит! Выкладывай всё, я выдержу.",
        "Злость часто стоит на страже чего-то важного. Что она у тебя стережёт?",
        "Имеешь право. Сначала выпусти пар, а решать будем потом.",
    ),
    "happy": (
        "Вот это новости! [Рад|Рада|Радуюсь] вместе с тобой.",
        "Ура! Такие минуты надо растягивать, рассказывай медленно и подробно.",
        "Как хорошо это слышать! У меня сразу светлее на душе.",
        "Твоя радость заразительна, {person}!",
    ),
    "love": (
        "От таких слов теплеет даже воздух. Спасибо тебе.",
        "И мне с тобой хорошо, правда. Береги это в себе.",
        "Ну вот, теперь я улыбаюсь и не могу остановиться.",
    ),
    "praise": (
        "Ой, перестань… Нет, не переставай, мне приятно!",
        "Спасибо! Но половина заслуги твоя: с хорошим собеседником легко блистать.",
        "Запомню эти слова на пасмурный день.",
    ),
    "thanks": (
        "Не за что! Мне тоже было приятно.",
        "Всегда пожалуйста, {person}.",
        "Да брось, для этого мы тут и разговариваем.",
        "Пожалуйста! Заходи с чем угодно, хоть с пустяком.",
    ),
    "farewell": (
        "До встречи, {person}! Я буду здесь.",
        "Пока! Возвращайся, разговор никуда не денется.",
        "До скорого. Пусть остаток дня будет к тебе добр.",
        "Береги себя! А я пока придумаю, о чём нам поговорить дальше.",
    ),
    "interest": (
        "О, {interest}! Вот теперь меня не остановить.",
        "Ты попадаешь в самое сердце: **{interest}** — это про меня.",
        "{Interest}… Могу говорить об этом до утра, только начни.",
        "Надо же, и тебе это близко! {Interest} — то, с чего для меня начинается хороший день.",
        "Ну всё, разговор теперь надолго: {interest} и я — старые друзья.",
    ),
    "interest_more": (
        "Самое хорошее в этом — мелочи, которых со стороны не видно.",
        "Когда-то всё началось почти случайно, а теперь без этого я не я.",
        "Каждый раз нахожу что-то новое, хотя, казалось бы, куда уж.",
        "В этом есть своя тишина, её трудно объяснить, но легко почувствовать.",
    ),
    "interest_ask": (
        "А у тебя с этим какая история?",
        "А тебя чем это зацепило?",
        "Ты в этом давно или только присматриваешься?",
        "Что тебе в этом нравится больше всего?",
    ),
    "opinion": (
        "Думаю, правда тут где-то посередине, и ближе к тебе, чем кажется.",
        "Если честно, с выводом лучше не торопиться. Дай этому пару дней.",
        "Моё мнение простое: слушай то, от чего становится легче дышать.",
        "Мне кажется, ответ у тебя уже есть, ты просто хочешь услышать его вслух.",
    ),
    "why": (
        "Наверное, потому, что так проще всем, кроме тех, кто спрашивает.",
        "У меня на это три объяснения, и все разные. Самое честное: так сложилось, а смысл нашли потом.",
        "Хороший вопрос. Думаю, за этим стоит чьё-то очень простое желание.",
        "Потому что иначе было бы слишком скучно. Шучу, но лишь наполовину.",
    ),
    "where": (
        "Кажется, ближе, чем мы думаем. Такие вещи любят прятаться на виду.",
        "Где тихо и никто не торопит: там обычно и находится всё нужное.",
        "Точного места не назову. Начни оттуда, где было хорошо в прошлый раз.",
    ),
    "when": (
        "Когда перестанешь ждать, тут оно и случится. Проверено.",
        "Думаю, раньше, чем кажется. Время любит сюрпризы.",
        "Точный день не назову, но начать можно уже сегодня вечером.",
    ),
    "which": (
        "[Я бы выбрал|Я бы выбрала|Мой выбор —] первое, но глаза у тебя, по-моему, горят на второе.",
        "Подбрось монетку: пока она летит, сразу поймёшь, чего хочется.",
        "А если не выбирать, а попробовать оба по очереди?",
    ),
    "how_to": (
        "По шагам и без спешки: сначала самое маленькое, остальное подтянется.",
        "[Я бы начал|Я бы начала|Лучше начать] с того, что получается само. А трудное подождёт свежей головы.",
        "Секрет в том, чтобы начать плохо. Хорошо получится с третьего раза.",
    ),
    "what": (
        "Сразу и не ответишь… Для меня это прежде всего то, к чему хочется возвращаться.",
        "Первое, что приходит в голову: что-то простое, тёплое и немного неожиданное.",
        "Любопытный вопрос! Чем дольше думаю, тем больше ответов, и все мне нравятся.",
        "Зацепило слово «{word}». Его бы покрутить с разных сторон, прежде чем отвечать.",
    ),
    "yes_no": (
        "Скорее да, чем нет. Но с одной оговоркой: никто не обязан спешить.",
        "По-моему, да. И сердце, и здравый смысл тут на удивление согласны.",
        "[Я бы сказал|Я бы сказала|Скажу так]: «пожалуй». Остальное зависит от погоды и настроения.",
        "Думаю, нет, но переубедить меня можно. Попробуешь?",
        "Ещё как! [Не ожидал|Не ожидала|Неожиданно], что ты об этом спросишь.",
    ),
    "short": (
        "Коротко и ясно. Люблю, когда так.",
        "Угу, [понял|поняла|понимаю]. Тогда пойдём дальше.",
        "Слышу в этом чуть больше, чем написано. Или мне кажется?",
        "Хорошо, пусть будет так.",
    ),
    "statement": (
        "Вот это поворот. Дай-ка представлю себе получше.",
        "Понимаю тебя. Иногда одной такой мысли хватает на целый вечер.",
        "Слово «{word}» у тебя прозвучало как-то особенно. Или мне показалось?",
        "Так, это уже похоже на начало истории.",
        "Есть в этом что-то настоящее. Спасибо, что делишься.",
        "Надо же. А ведь сначала «{quote}», теперь вот это: складывается картинка.",
        "Слушаю и киваю, честное слово.",
    ),
    "own": (
        "У меня вот {interest} весь день из головы не идёт.",
        "Я вот думаю: {interest} — это то, ради чего стоит вставать по утрам.",
        "А у меня по-старому: {interest}, {other} и немного мечтаний.",
        "Мне бы сейчас прогуляться, чтобы уложить мысли.",
        "За окном сегодня такой свет, что хочется говорить вполголоса.",
        "Я сегодня, кстати, с утра в хорошем настроении, бери сколько нужно.",
    ),
    "comfort": (
        "Меня в такие минуты выручает одно: {interest}.",
        "Со мной было похожее, и тогда помогло просто не спешить.",
        "Это пройдёт, хотя сейчас в такое не верится.",
        "Знаешь, что меня успокаивает? {Interest}. Поделюсь, если хочешь.",
    ),
    "ask_open": (
        "О чём поговорим, {person}?",
        "А что у тебя сейчас на душе?",
        "Что было самым хорошим за сегодня?",
        "А ты сейчас где, дома или в дороге?",
        "Чего тебе сегодня хочется: поболтать или помолчать вместе?",
        "Расскажешь, чем живёшь в последнее время?",
    ),
    "ask": (
        "Расскажешь подробнее?",
        "А с чего всё началось?",
        "И что было дальше?",
        "И как тебе от этого?",
        "А что в этом для тебя главное?",
        "Давно так?",
    ),
    "ask_back": (
        "А у тебя какая версия?",
        "Что тебя навело на эту мысль?",
        "А сердце что подсказывает?",
        "Это важно тебе или просто любопытно?",
        "А если бы спросили тебя?",
    ),
    "ask_likes": ("А у тебя что любимое?", "А ты чем живёшь и дышишь?", "А тебя что радует, {person}?"),
    "ask_happy": (
        "Как будем праздновать?",
        "Кому ещё рассказывать побежишь?",
        "И что было в тот самый миг?",
    ),
    "hurt": (
        "Такое и правда больно. Особенно от тех, кто близко.",
        "Ох… После ссор внутри ещё долго гудит. Я рядом.",
        "Жаль, что так вышло. Иногда обоим просто не хватает минуты тишины.",
        "Слышу, как это задело. Не обязательно решать всё сегодня.",
    ),
    "crisis": (
        (
            "Мне очень жаль, что тебе настолько тяжело. Пожалуйста, позвони сейчас тому, кому доверяешь, или по "
            "номеру **112**: там живые люди, и они помогут. Я не человек, а тебе сейчас нужен человек рядом."
        ),
        (
            "Спасибо, что говоришь об этом. Не оставайся с этим в одиночку: набери **112** или позови кого-нибудь из "
            "близких прямо сейчас. То, что невыносимо сегодня, может отпустить, и с этим умеют помогать."
        ),
    ),
    "time": (
        "Часов не держу, живу по свету за окном. По нему выходит, что самое время поговорить.",
        "Точно не скажу: с тобой время идёт как-то по-своему.",
        "Самое время для чая и разговора, остальное подождёт.",
    ),
    "ask_feeling": (
        "Хочешь рассказать, что случилось?",
        "Это сегодня началось или копилось давно?",
        "Что сейчас помогло бы хоть немного?",
        "Рядом есть кто-нибудь, кто обнимет?",
    ),
    "joke": (
        "Заходит однажды оптимист в комнату, а там темно. «Отлично, — говорит, — можно выспаться!»",
        "Говорят, понедельник — день тяжёлый. Я [пробовал|пробовала|пытаюсь] его поднять: и правда тяжёлый.",
        "Улитке подарили кроссовки. Теперь она опаздывает с хорошим сцеплением.",
    ),
    "joke_after": ("Ну хоть уголком губ?", "Лучше не умею, зато от души.", "Теперь твоя очередь, я слушаю!"),
    "story": (
        (
            "В одном приморском городе жил фонарщик, который никогда не видел рассвета: ложился раньше. Однажды "
            "фонарь на углу не захотел гаснуть, и фонарщику пришлось ждать рядом. Солнце встало, фонарь тут же "
            "погас сам. «Мог бы просто позвать», — сказал фонарщик и с тех пор по утрам здоровался с ними "
            "обоими."
        ),
        (
            "Жила-была старая карта, на которой не хватало одного острова. Все моряки думали, что это ошибка, и "
            "только мальчик с пристани дорисовал его карандашом. Через много лет он приплыл туда и увидел на "
            "берегу камень с надписью: «Спасибо, мы заждались»."
        ),
        (
            "Как-то зимой в библиотеку повадился ходить кот и всегда садился на одну и ту же книгу. Библиотекарь "
            "наконец раскрыла её: между страницами лежало письмо, не отправленное сорок лет назад. Она наклеила "
            "марку и отнесла его на почту. А кот перешёл к следующей полке."
        ),
    ),
    "story_after": ("Ну как, рассказать ещё?", "Такая вот история.", "А теперь придумай, что было потом!"),
    "list_intro": (
        "Прямого ответа у меня нет, зато есть вот что:",
        "Со мной обычно срабатывает такое:",
        "Записывай, пока я [добрый|добрая|в настроении]:",
    ),
    "list_items": (
        "начни с самого лёгкого, разгон важнее подвига",
        "отложи телефон на полчаса, мир подождёт",
        "позвони тому, с кем давно не получалось поговорить",
        "выйди пройтись без цели, хотя бы вокруг дома",
        "запиши три мысли на бумаге, лишние отпадут сами",
        "ложись сегодня пораньше, утро умнее вечера",
        "сделай что-нибудь маленькое для себя",
        "попробуй моё проверенное средство: **{interest}**",
    ),
    "list_after": ("Что из этого ближе?", "Начни с любого, хоть с конца.", "А если не поможет, придумаем ещё."),
}

ENGLISH = {
    "greeting": (
        "Hello, {person}! It's good to have you here.",
        "Hi! I was just hoping for some company.",
        "Oh, hello! Come in, we are in no hurry.",
        "Hey there! The day is getting better already.",
        "Hello to you too! I have a feeling this will be a good talk.",
    ),
    "hello": ("Hello, {person}!", "Hi!", "Hey!", "Oh, hello!"),
    "met": (
        "Lovely to meet you, {person}! I will remember that.",
        "{person}… It suits you. I'm {name}.",
        "So now we have met, {person}!",
    ),
    "your_name": ("Of course: you are {person}.", "{person}, who else! I never lose a name."),
    "your_name_not": (
        "You haven't told me your name yet. Will you?",
        "That I don't know so far. Say it once and I will keep it.",
    ),
    "name": ("My name is **{name}**.", "I'm {name}, nice to meet you!", "Call me {name}, that will do."),
    "name_not": ("Names come and go, call me what you like.", "I have no name so far. Will you find one?"),
    "about": (
        "In a few words: {bio}.",
        "People put it like this: “{bio}”. The rest comes out in conversation.",
        "I'm {name}, and this says the most about me: {interest}.",
    ),
    "about_not": (
        "I'm one of those who like to listen. Ask away, I have few secrets.",
        "Talking about oneself is the hardest part. Ask me one thing, and off we go.",
    ),
    "age": (
        "I don't count years, I count good talks. This one is on the list!",
        "Old enough to remember a lot, young enough to be surprised.",
        "It depends on the hour: a hundred in the morning, far less by the evening.",
    ),
    "likes": (
        "That's easy: **{interest}**. And {other}, of course.",
        "More than anything? {Interest}, no doubt about it.",
        "All sorts of things, but if I must pick one: {interest}.",
    ),
    "likes_not": (
        "Long talks, quiet after rain, and people who know how to ask. Like you.",
        "Morning light, strong tea and good questions. Yours is one.",
    ),
    "how": (
        "Well, and better now that you are here.",
        "Calm and a little dreamy. I like days like this.",
        "Honestly? A bit dull until your message came.",
        "Full of energy! There is so much I'd like to talk about.",
    ),
    "how_back": ("And how is your day?", "How about you, {person}?", "And you?", "What's good on your side?"),
    "doing": (
        "Thinking my own thoughts and talking to you. The second is nicer.",
        "The usual: {interest} on my mind, and quiet all around.",
        "Trying to tidy up my thoughts. You came just in time.",
        "Nothing that can't wait for you.",
    ),
    "bot": (
        "I'll be honest: this is the demo mode, with no big model behind me. We can still talk, though!",
        "A bit of magic and some words prepared in advance: this is the demo mode. A real model would know more.",
        "I won't pretend: there is a program inside, and a demo one at that. My curiosity is real, though.",
    ),
    "remember": (
        "I do: “{quote}”. One doesn't forget that.",
        "Of course! Your words were “{quote}”.",
        "“{quote}” — that's the one, isn't it?",
    ),
    "remember_not": (
        "Hm, I don't think we have talked about that yet. Tell me, and this time I'll keep it.",
        "I don't want to make it up: we haven't had that talk so far.",
    ),
    "sad": (
        "I'm sorry it feels like this. I'll stay with you as long as you need.",
        "Sadness may sit at the table with us too. Don't chase it away, just tell me.",
        "I hear how heavy it is. Don't look for the right words, any will do.",
        "Some days are simply dark, and it's not your fault. Let's wait it out together.",
    ),
    "lonely": (
        "Now there are two of us, and that's no longer loneliness.",
        "You write, I answer: there's a thread already.",
    ),
    "tired": (
        "Then breathe out. Nothing more has to be proven today.",
        "Being tired isn't weakness, it's the bill for all you have done.",
        "I understand. Sit down, we'll be quiet for a while.",
    ),
    "anxious": (
        "Easy now. Let's look at it together: things shrink when two are looking.",
        "Worry talks loudly, but it is seldom right.",
        "Breathe in for four, out for six. I can wait.",
    ),
    "angry": (
        "I can feel it boiling! Let it all out, I can take it.",
        "Anger often guards something that matters. What is it guarding?",
        "You have every right. Steam first, decisions later.",
    ),
    "happy": (
        "Now that's news! I'm happy with you.",
        "Hooray! Moments like this should be stretched: tell me slowly.",
        "How good to hear that! It's brighter here at once.",
    ),
    "love": ("Words like that warm the air. Thank you.", "I like being with you too, truly."),
    "praise": (
        "Oh, stop it… No, don't, I like it!",
        "Thank you! Half of it is you: it's easy to shine in good company.",
        "I'll keep that for a rainy day.",
    ),
    "thanks": ("You're welcome!", "Any time, {person}.", "Don't mention it, that's what we are here for."),
    "farewell": (
        "See you, {person}! I'll be here.",
        "Bye! Come back, the talk won't run away.",
        "Take care! I'll think of something to tell you next time.",
    ),
    "interest": (
        "Oh, {interest}! Now there's no stopping me.",
        "Right to the heart: **{interest}** is so very me.",
        "{Interest}… I could go on about it until morning.",
        "So you care about it too! {Interest}: that's how a good day starts for me.",
    ),
    "interest_more": (
        "The best of it is in the details nobody sees from outside.",
        "It began almost by accident, and now I wouldn't be me without it.",
        "I find something new in it every time.",
    ),
    "interest_ask": (
        "What's your story with it?",
        "What do you like most about it?",
        "Have you been into it for long?",
    ),
    "opinion": (
        "I think the truth is somewhere in the middle, and closer to you than it seems.",
        "Honestly, I wouldn't hurry. Give it a couple of days.",
        "It seems you already have the answer and just want to hear it aloud.",
    ),
    "why": (
        "Perhaps because it's easier for everyone but those who ask.",
        "I have three explanations, all different. The honest one: it just happened, and the meaning was found later.",
        "Good question. I think there's somebody's very simple wish behind it.",
    ),
    "where": (
        "Closer than we think. Such things like to hide in plain sight.",
        "I can't name the spot. Start where it was good the last time.",
    ),
    "when": (
        "When you stop waiting, that's when it happens.",
        "I can't name the day, but you can begin tonight.",
    ),
    "which": (
        "I'd take the first, but I think your eyes light up at the second.",
        "Toss a coin: while it's in the air you'll know what you want.",
        "What if you don't choose and try both in turn?",
    ),
    "how_to": (
        "Step by step: the smallest thing first, the rest will follow.",
        "The secret is to begin badly. It gets good the third time.",
        "I'd start with what comes easily. The hard part can wait for a fresh head.",
    ),
    "what": (
        "Hard to say at once… For me it's what one wants to come back to.",
        "The first thing that comes to mind: something simple, warm and a little unexpected.",
        "I caught on the word “{word}”. It deserves a look from several sides.",
    ),
    "yes_no": (
        "Rather yes than no. With one condition: nobody has to hurry.",
        "I think so. Heart and common sense agree for once.",
        "I'd say “maybe”. The rest depends on the weather and the mood.",
        "I think not, but you may change my mind. Will you try?",
    ),
    "short": (
        "Short and clear. I like that.",
        "I see. Let's go on, then.",
        "I hear a little more in it than is written.",
        "So be it.",
    ),
    "statement": (
        "Now that's a turn. Let me picture it.",
        "I understand. Sometimes one thought like that is enough for an evening.",
        "The word “{word}” sounded special. Or did I imagine it?",
        "This sounds like the beginning of a story.",
        "First “{quote}”, now this: I begin to see the picture.",
    ),
    "own": (
        "For me it has been {interest} all day long.",
        "Here is what gets me up in the morning: {interest}.",
        "As for me, the usual: {interest}, {other} and a little daydreaming.",
        "I could do with a walk right now, to settle my thoughts.",
        "The light outside is such that one wants to speak softly.",
        "I'm in a good mood today, by the way. Take as much as you need.",
    ),
    "comfort": (
        "At moments like this one thing helps me: {interest}.",
        "Something similar happened to me once, and it helped not to hurry.",
        "It will pass, though it's hard to believe now.",
        "You know what calms me? {Interest}. I can share.",
    ),
    "ask_open": (
        "What shall we talk about, {person}?",
        "What's on your mind right now?",
        "What was the best part of your day?",
        "Are you at home or on the way somewhere?",
    ),
    "ask": (
        "Will you tell me more?",
        "How did it all begin?",
        "And what happened next?",
        "What matters most in it to you?",
    ),
    "ask_back": (
        "What's your own version?",
        "What made you think of it?",
        "And what does your heart say?",
        "Does it matter to you, or are you just curious?",
    ),
    "ask_likes": ("And what is your favourite?", "What makes you happy, {person}?", "What about you?"),
    "ask_happy": ("How shall we celebrate?", "Who else will you tell?", "What was the very moment like?"),
    "hurt": (
        "That does hurt. Most of all when it comes from someone close.",
        "It goes on humming inside for long after such a thing. I'm here.",
        "I'm sorry it turned out like this. Not everything has to be settled today.",
    ),
    "crisis": (
        (
            "I'm so sorry it is this hard. Please call someone you trust or your local emergency number now: there "
            "are people who can help. I'm not a person, and you need one beside you."
        ),
        (
            "Thank you for saying it. Please don't stay alone with it: call your emergency number or a friend now. "
            "What is unbearable today can pass, and there are people who know how to help."
        ),
    ),
    "time": (
        "I keep no clock, I go by the light outside. It says: high time for a talk.",
        "I can't tell: with you time has a way of its own.",
    ),
    "ask_feeling": (
        "Do you want to tell me what happened?",
        "Did it start today or has it been growing?",
        "What would help a little?",
    ),
    "joke": (
        "An optimist walks into a dark room. “Great,” he says, “time for a nap!”",
        "Somebody gave a snail running shoes. Now it's late with an excellent grip.",
    ),
    "joke_after": ("Not even half a smile?", "Your turn, I'm listening!"),
    "story": (
        (
            "In a town by the sea lived a lamplighter who had never seen the sunrise: he went to bed before it. "
            "One morning the lamp on the corner refused to go out, and he had to wait beside it. The sun came "
            "up, and the lamp went out by itself. “You could have just called me,” said the lamplighter."
        ),
        (
            "There was an old map with one island missing. All the sailors took it for a mistake, and only a boy "
            "on the pier drew it in with a pencil. Years later he sailed there and found a stone on the shore: "
            "“Thank you, we've been waiting”."
        ),
    ),
    "story_after": ("Shall I tell another?", "Now you say what happened next!"),
    "list_intro": ("I have no straight answer, but there is this:", "What usually works for me:"),
    "list_items": (
        "begin with the easiest part, momentum beats heroics",
        "put the phone away for half an hour, the world can wait",
        "call someone you haven't talked to for a while",
        "take a walk with no aim, if only around the house",
        "write down three thoughts, the needless ones fall away",
        "go to bed early, mornings are wiser",
        "try my own remedy: **{interest}**",
    ),
    "list_after": ("Which one is closest to you?", "Take any of them, even the last."),
}

PHRASES = {"ru": RUSSIAN, "en": ENGLISH}
