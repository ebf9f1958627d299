"""One hand-written sentence and more for every phenomenon, in three languages."""

import pytest

from course_utils.data.phrasebook import chinese, english, french, phenomena
from course_utils.data.phrasebook.lexicon import load_lexicon
from course_utils.data.phrasebook.phenomena import phenomena_of
from course_utils.data.phrasebook.tree import (
    BE,
    THERE_IS,
    Clause,
    NounPhrase,
    Place,
    Sentence,
)
from course_utils.words import join_words

LEXICON = load_lexicon()


def first(entries, **wanted):
    """Find the first entry whose attributes are as wanted."""
    for entry in entries:
        if all(getattr(entry, name) == value for name, value in wanted.items()):
            return entry
    raise LookupError(wanted)


def noun(text, *adjectives, owner=None, relative=None, silent=False):
    """Read "the teacher", "two books", "some bread", "books" as a noun phrase."""
    *words, head = text.split()
    entry = next(n for n in LEXICON.nouns if head in (n.en, n.en_plural))
    plural = head == entry.en_plural
    number = "plural" if plural else "singular" if entry.en_plural else "mass"
    determiner = None
    if not owner and not silent:
        determiner = LEXICON.determiner(" ".join(words), number)
    adjectives = tuple(adjective(a, entry) for a in adjectives)
    return NounPhrase(entry, determiner, plural, adjectives, owner, relative, silent)


def adjective(en, head=None):
    suiting = LEXICON.adjectives_for(head) if head else LEXICON.adjectives
    return first(suiting, en=en)


def who(en):
    """Read a pronoun or a name."""
    return NounPhrase(first(LEXICON.pronouns + LEXICON.names, en=en))


def verb(key, frame="t"):
    return first(LEXICON.verbs, key=key, frame=frame)


def place(preposition, text):
    return Place(LEXICON.prepositions[preposition], noun(text))


def phrase(kind, en):
    return LEXICON.phrase(kind, en)


def does(subject, key, thing=None, frame="t", **details):
    if isinstance(subject, str):
        subject = noun(subject)
    if isinstance(thing, str):
        thing = noun(thing)
    return Clause(subject, verb(key, frame), object=thing, **details)


CASES = {
    "adjective_before": (
        does("the teacher", "read", noun("the book", "old")),
        "the teacher reads the old book.",
        "le professeur lit le vieux livre.",
        "老师读那本旧书。",
    ),
    "adjective_after": (
        does("the girl", "wear", noun("a dress", "red")),
        "the girl wears a red dress.",
        "la fille porte une robe rouge.",
        "女孩穿一条红色的连衣裙。",
    ),
    "adverb": (
        does("the dog", "sleep", frame="i", frequency=phrase("frequency", "often")),
        "the dog often sleeps.",
        "le chien dort souvent.",
        "狗经常睡觉。",
    ),
    "classifier": (
        does("the woman", "buy", "two tables"),
        "the woman buys two tables.",
        "la femme achète deux tables.",
        "女人买两张桌子。",
    ),
    "comparison": (
        Clause(
            noun("the cat"),
            BE,
            adjective=adjective("small"),
            standard=noun("the dog"),
        ),
        "the cat is smaller than the dog.",
        "le chat est plus petit que le chien.",
        "猫比狗小。",
    ),
    "description": (
        Clause(noun("the apples"), BE, adjective=adjective("fresh")),
        "the apples are fresh.",
        "les pommes sont fraîches.",
        "那些苹果很新鲜。",
    ),
    "embedded_clause": (
        Clause(
            who("i"),
            verb("think", "s"),
            complement=does(who("she"), "work", frame="i"),
        ),
        "i think that she works.",
        "je pense qu'elle travaille.",
        "我认为她工作。",
    ),
    "existence": (
        Clause(noun("a cat"), THERE_IS, place=place("in", "the garden")),
        "there is a cat in the garden.",
        "il y a un chat dans le jardin.",
        "花园里有一只猫。",
    ),
    "future": (
        does(
            "the doctor",
            "drink",
            "the coffee",
            tense="going",
            time=phrase("time", "tomorrow"),
        ),
        "the doctor is going to drink the coffee tomorrow.",
        "le médecin va boire le café demain.",
        "医生明天会喝那杯咖啡。",
    ),
    "generic": (
        does("the child", "like", "cats", frame="g"),
        "the child likes cats.",
        "l'enfant aime les chats.",
        "孩子喜欢猫。",
    ),
    "location": (
        Clause(noun("the key"), BE, place=place("under", "the bed")),
        "the key is under the bed.",
        "la clé est sous le lit.",
        "钥匙在床下面。",
    ),
    "modal": (
        does(who("you"), "open", "the window", tense="must"),
        "you must open the window.",
        "vous devez ouvrir la fenêtre.",
        "你必须打开那扇窗户。",
    ),
    "negation": (
        does("the boy", "eat", "any meat", negative=True),
        "the boy doesn't eat any meat.",
        "le garçon ne mange pas de viande.",
        "男孩不吃肉。",
    ),
    "object_pronoun": (
        does("the friend", "help", who("she")),
        "the friend helps her.",
        "l'ami l'aide.",
        "朋友帮助她。",
    ),
    "past": (
        does("the queen", "arrive", frame="i", tense="past"),
        "the queen arrived.",
        "la reine est arrivée.",
        "女王到达了。",
    ),
    "place": (
        does("the farmer", "work", frame="i", place=place("in", "the field")),
        "the farmer works in the field.",
        "le fermier travaille dans le champ.",
        "农民在田野里工作。",
    ),
    "plural": (
        does("the horses", "cross", "these bridges"),
        "the horses cross these bridges.",
        "les chevaux traversent ces ponts.",
        "那些马穿过这些桥。",
    ),
    "possession": (
        does("the dog", "see", noun("car", owner=noun("the neighbor"))),
        "the dog sees the neighbor's car.",
        "le chien voit la voiture du voisin.",
        "狗看见邻居的汽车。",
    ),
    "pronoun": (
        does(who("we"), "choose", "this lamp"),
        "we choose this lamp.",
        "nous choisissons cette lampe.",
        "我们选择这盏灯。",
    ),
    "recipient": (
        does("the man", "give", "a book", frame="d", recipient=noun("the child")),
        "the man gives a book to the child.",
        "l'homme donne un livre à l'enfant.",
        "男人给孩子一本书。",
    ),
    "reflexive": (
        does(who("we"), "get up", frame="i", tense="past"),
        "we got up.",
        "nous nous sommes levés.",
        "我们起床了。",
    ),
    "relative_object": (
        Clause(
            noun(
                "the letter",
                relative=does("the girl", "write", noun("letter", silent=True)),
            ),
            BE,
            adjective=adjective("long"),
        ),
        "the letter that the girl writes is long.",
        "la lettre que la fille écrit est longue.",
        "女孩写的信很长。",
    ),
    "relative_subject": (
        does(
            noun(
                "the woman",
                relative=does(noun("woman", silent=True), "sell", "some flowers"),
            ),
            "thank",
            who("i"),
        ),
        "the woman who sells some flowers thanks me.",
        "la femme qui vend des fleurs me remercie.",
        "卖一些花的女人感谢我。",
    ),
    "request": (
        Sentence(does(who("you"), "open", "the door"), request=True),
        "please open the door.",
        "ouvrez la porte, s'il vous plaît.",
        "请打开那扇门。",
    ),
    "some": (
        does("the baker", "buy", "some water"),
        "the baker buys some water.",
        "le boulanger achète de l'eau.",
        "面包师买一些水。",
    ),
    "time": (
        does(
            who("he"),
            "eat",
            "a apple",
            time=phrase("time", "in the morning"),
            time_first=True,
        ),
        "in the morning, he eats an apple.",
        "le matin, il mange une pomme.",
        "早上他吃一个苹果。",
    ),
    "two_clauses": (
        Sentence(
            does("the cat", "sleep", frame="i"),
            phrase("conjunction", "when"),
            does("the dog", "run", frame="i"),
        ),
        "the cat sleeps when the dog runs.",
        "le chat dort quand le chien court.",
        "狗跑步的时候，猫睡觉。",
    ),
    "wh_question": (
        does("the teacher", "read", who("what"), question="what"),
        "what does the teacher read?",
        "qu'est-ce que le professeur lit?",
        "老师读什么？",
    ),
    "yes_no_question": (
        does(who("he"), "understand", "this question"),
        "does he understand this question?",
        "est-ce qu'il comprend cette question?",
        "他理解这个问题吗？",
    ),
}
CASES["yes_no_question"][0].question = "yes_no"

MORE = {
    "du, des and au": (
        does("the dentist", "come from", "the market"),
        "the dentist comes from the market.",
        "la dentiste vient du marché.",
        "牙医从市场来。",
    ),
    "play de, not play the": (
        does(who("marie"), "play", "the piano"),
        "marie plays the piano.",
        "marie joue du piano.",
        "玛丽演奏钢琴。",
    ),
    "need without de de": (
        does("the chef", "need", "some eggs"),
        "the chef needs some eggs.",
        "le chef a besoin d'œufs.",
        "厨师需要一些鸡蛋。",
    ),
    "des becomes de before the adjective": (
        does("the girl", "draw", noun("some birds", "small")),
        "the girl draws some small birds.",
        "la fille dessine de petits oiseaux.",
        "女孩画一些小鸟。",
    ),
    "bel, nouvel, vieil before a vowel": (
        does("the scientist", "use", noun("this computer", "new")),
        "the scientist uses this new computer.",
        "le scientifique utilise ce nouvel ordinateur.",
        "科学家使用这台新电脑。",
    ),
    "mon before a feminine vowel": (
        does(who("she"), "look for", noun("my umbrella")),
        "she looks for my umbrella.",
        "elle cherche mon parapluie.",
        "她找我的雨伞。",
    ),
    "never is ne … jamais": (
        does(who("i"), "drive", "the car", frequency=phrase("frequency", "never")),
        "i never drive the car.",
        "je ne conduis jamais la voiture.",
        "我从不开那辆汽车。",
    ),
    "didn't is 没, without 了": (
        does(who("they"), "find", "the key", tense="past", negative=True),
        "they didn't find the key.",
        "ils n'ont pas trouvé la clé.",
        "他们没找到那把钥匙。",
    ),
    "not to have is 没有": (
        does(who("he"), "have", "any horses", negative=True),
        "he doesn't have any horses.",
        "il n'a pas de chevaux.",
        "他没有马。",
    ),
    "the participle agrees with the subject": (
        does("the nurses", "come in", frame="i", tense="past"),
        "the nurses came in.",
        "les infirmières sont entrées.",
        "护士们进来了。",
    ),
    "every demands 都": (
        does("every student", "learn", "a word"),
        "every student learns a word.",
        "chaque étudiant apprend un mot.",
        "每个学生都学习一个单词。",
    ),
    "how many asks for a classifier": (
        does(who("she"), "read", "how many books", question="how_many"),
        "how many books does she read?",
        "combien de livres est-ce qu'elle lit?",
        "她读几本书？",
    ),
    "where is": (
        Clause(noun("the station"), BE, question="where"),
        "where is the station?",
        "où est la gare?",
        "火车站在哪里？",
    ),
    "a color is 是…的": (
        Clause(noun("the car"), BE, adjective=adjective("red"), negative=True),
        "the car isn't red.",
        "la voiture n'est pas rouge.",
        "汽车不是红色的。",
    ),
    "too takes 了 at the end": (
        Clause(
            noun("the soup"),
            BE,
            adjective=adjective("hot"),
            degree=phrase("degree", "too"),
        ),
        "the soup is too hot.",
        "la soupe est trop chaude.",
        "汤太热了。",
    ),
    "i am not": (
        Clause(who("i"), BE, adjective=adjective("tired"), negative=True),
        "i am not tired.",
        "je ne suis pas fatigué.",
        "我不疲倦。",
    ),
    "there were": (
        Clause(
            noun("three chairs"), THERE_IS, tense="past", place=place("in", "the room")
        ),
        "there were three chairs in the room.",
        "il y avait trois chaises dans la pièce.",
        "房间里有三把椅子。",
    ),
    "can't with a clitic": (
        does("the doctor", "wait for", who("they"), tense="can", negative=True),
        "the doctor can't wait for them.",
        "le médecin ne peut pas les attendre.",
        "医生不能等他们。",
    ),
    "wants to, with a reflexive": (
        does(who("i"), "rest", frame="i", tense="want"),
        "i want to rest.",
        "je veux me reposer.",
        "我想休息。",
    ),
    "because keeps the order": (
        Sentence(
            does("the child", "cry", frame="i"),
            phrase("conjunction", "because"),
            does("the bird", "fly", frame="i", tense="past"),
        ),
        "the child cries because the bird flew.",
        "l'enfant pleure parce que l'oiseau a volé.",
        "孩子哭，因为鸟飞了。",
    ),
}


def translations(tree):
    tree = tree if isinstance(tree, Sentence) else Sentence(tree)
    return tuple(
        join_words(language.sentence(tree)) for language in (english, french, chinese)
    )


@pytest.mark.parametrize("name", CASES)
def test_a_sentence_that_shows_the_phenomenon(name):
    tree, *expected = CASES[name]
    assert translations(tree) == tuple(expected)
    tree = tree if isinstance(tree, Sentence) else Sentence(tree)
    assert name in phenomena_of(tree)


@pytest.mark.parametrize("name", MORE)
def test_a_sentence_of_the_finer_points(name):
    tree, *expected = MORE[name]
    assert translations(tree) == tuple(expected)


def test_every_phenomenon_has_a_sentence():
    assert sorted(CASES) == sorted(phenomena())
