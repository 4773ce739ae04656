"""What the synthetic answers are about: questions, the points of their reference answers, and what students confuse."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Question:
    """One question: each point as the reference has it and in students' words; misconceptions earn nothing."""

    subject: str
    text: str
    points: tuple[tuple[str, ...], ...]
    wrong: tuple[str, ...]

    @property
    def reference(self) -> str:
        return " ".join(f"{point[0][0].upper()}{point[0][1:]}." for point in self.points)


def _q(subject: str, text: str, points: str, wrong: str) -> Question:
    """Points are separated by "/", wordings of one by "=", misconceptions by "/"."""
    said = tuple(tuple(each.strip() for each in point.split("=")) for point in points.split("/"))
    return Question(subject, text, said, tuple(each.strip() for each in wrong.split("/")))


QUESTIONS = (
    _q("science", "Why does a metal spoon feel colder than a wooden one in the same room?",
       "metal conducts heat well=metals carry warmth away fast=metal is a good conductor"
       "/wood is a poor conductor=wood hardly lets heat through=wood insulates"
       "/heat flows from the hand into the spoon=the warmth leaves your fingers=your hand loses energy to it"
       "/both have the same temperature=they are equally warm really=neither is colder than the other",
       "metal holds more cold inside/the metal spoon has a lower temperature/cold flows from the metal into the hand"),
    _q("science", "What happens to particles when a liquid boils?",
       "particles gain energy=the molecules are given more energy=they get more energetic"
       "/they move faster=the particles speed up=their motion gets quicker"
       "/they break free of the attraction between them=the forces that hold them are overcome=they escape each other"
       "/they spread out as a gas=it turns to vapour with big gaps=they fly off far apart",
       "the particles get bigger and burst/the particles melt away/the bubbles are made of air"),
    _q("science", "Explain how a vaccine protects against a disease.",
       "it contains a harmless form of the germ=a weakened or dead pathogen is injected=harmless bits of a virus"
       "/the immune system makes antibodies=the body builds defences called antibodies=white cells respond to it"
       "/memory cells remain=the body remembers it=some cells keep the memory"
       "/a later infection is fought quickly=next time the response is fast=it is beaten before you get ill",
       "it kills all germs in the blood like an antibiotic/it gives you the disease at once/it cleans the blood"),
    _q("science", "Why do we see different phases of the Moon?",
       "the Moon reflects light of the Sun=moonlight is sunlight bounced back=it only shines because the sun lights it"
       "/half of it is always lit=one side is bright at any time=the sunny half stays lit"
       "/the Moon moves round the Earth=it orbits us=it goes about our planet in a month"
       "/we see a changing share of the lit half=how much of the bright side faces us varies=our view changes",
       "the shadow of the Earth covers it/clouds hide part of it/the Moon turns its dark side off"),
    _q("science", "How is natural selection able to change a species?",
       "individuals vary=there are differences between them=not all of them are alike"
       "/some variants survive better=those who fit live longer=the better suited ones do not die"
       "/they have more offspring=survivors breed more=more young come from them"
       "/the traits are inherited=features get passed on=genes go to the children",
       "animals change themselves because they want to/animals adapt during their life/nature knows what they need"),
    _q("science", "Why does ice float on water?",
       "ice is less dense than water=it has lower density=a block of ice weighs less than as much water"
       "/water expands when it freezes=it takes more room frozen=the volume grows on freezing"
       "/the molecules form an open lattice=crystals leave gaps=they sit further apart in a structure",
       "ice is lighter because cold is light/air keeps it up like a balloon/ice is harder than water"),
    _q("science", "What is the role of the greenhouse effect on Earth?",
       "sunlight warms the ground=the surface is heated by the sun=rays from the sun heat the earth"
       "/the ground gives off infrared=warm ground sends heat back out=heat radiates upward"
       "/gases such as carbon dioxide absorb it=CO2 traps this heat=it is caught by gases in the air"
       "/the surface stays warmer=that keeps us warm enough=without it we would freeze",
       "it is the hole in the ozone layer/the gases burn and make heat/plants in greenhouses warm the world"),
    _q("computing", "What is the difference between a list and a tuple?",
       "a list can be changed=lists are mutable=you may edit a list after making it"
       "/a tuple cannot be changed=tuples are fixed=once made it stays as it is"
       "/lists use square brackets and tuples round ones=the brackets differ=[] against ()"
       "/a tuple can be a key of a dictionary=only the tuple is hashable=dict keys may be tuples",
       "a tuple can only hold two things/lists hold only numbers/a tuple is sorted and a list is not"),
    _q("computing", "Explain what recursion is.",
       "a function calls itself=it invokes its own name=the routine uses itself inside"
       "/each call works on a smaller problem=the input shrinks every time=it divides the task into smaller ones"
       "/a base case ends it=there has to be a stop condition=without an end case it never returns",
       "it is a loop with a counter/it is when two functions are the same/it runs the program again from the start"),
    _q("computing", "Why are passwords stored as salted hashes?",
       "a hash cannot be turned back=it is one way=the original cannot be computed from it"
       "/a stolen table does not show the passwords=thieves of the database see no plain text=leaks reveal less"
       "/the salt makes equal passwords differ=same words get another hash=two users never have the same value"
       "/tables made beforehand are useless=rainbow tables fail=attackers cannot use a precomputed list",
       "the salt encrypts it so the admin can decrypt it/hashes make logging in faster/it saves space"),
    _q("computing", "What does an operating system do?",
       "it manages the hardware=it looks after memory and devices=controls cpu and disks"
       "/it runs programs and shares the processor=schedules the processes=decides which program gets time"
       "/it keeps files=organises storage in folders=has the file system"
       "/it gives an interface to users=lets people work with the computer=offers a desktop or shell",
       "it is the program for writing letters/it makes the internet work/it is the same as the processor"),
    _q("computing", "Compare a compiler with an interpreter.",
       "a compiler translates the whole program at once=all the code is converted before it runs=all is done up front"
       "/an interpreter goes statement by statement=line after line is carried out=it reads one line and runs it"
       "/compiled programs run faster=the result is quicker=execution takes less time when compiled"
       "/an interpreter shows errors when it reaches them=mistakes appear one at a time=you find faults as it runs",
       "a compiler is for big computers/an interpreter translates into english/both are the same thing"),
    _q("computing", "What is the purpose of an index in a database?",
       "it makes searches quicker=rows are found faster=look-ups take less time"
       "/it avoids reading the whole table=no full scan is needed=you need not go through every row"
       "/writing becomes slower=inserts cost more=updates have to keep it in step"
       "/it takes extra space=needs more disk=uses storage of its own",
       "it counts the rows/it makes a backup of the table/it sorts the columns by name"),
    _q("computing", "Why should a program be tested automatically?",
       "mistakes are found early=bugs show soon=faults come up before users see them"
       "/tests can be repeated after every change=you run them again and again=each edit is checked"
       "/they document what is expected=tests say how it should behave=readers learn the behaviour"
       "/people dare to change the code=refactoring is safe=you can improve without fear",
       "it proves that there are no bugs/it makes the program faster/then nobody has to read the code"),
    _q("history", "Why did people move to cities during the Industrial Revolution?",
       "factories offered work=there were jobs in mills=industry needed hands"
       "/farming needed fewer people=machines took the place of farm hands=less labour on the land"
       "/wages in money attracted them=they hoped to earn more=pay was regular"
       "/railways made travel possible=trains brought them=transport got easier",
       "the cities were clean and healthy/the king ordered them to/there was no more land in the country"),
    _q("history", "What were causes of the First World War?",
       "alliances drew states in=treaties pulled one after another into it=blocs had to help each other"
       "/armies had grown in rivalry=there was an arms race=countries built up their forces"
       "/nationalism was strong=peoples wanted their own states=pride in the nation ran high"
       "/an archduke was shot at Sarajevo=Franz Ferdinand was killed=the murder of the heir set it off",
       "Hitler invaded Poland/America wanted to rule Europe/the atomic bomb was dropped"),
    _q("history", "How did the printing press change Europe?",
       "books became cheaper=copies cost less=more people could afford them"
       "/ideas spread quickly=news and thoughts travelled fast=knowledge went everywhere"
       "/more people learnt to read=literacy grew=reading was no longer for few"
       "/the authority of the Church was challenged=it helped the Reformation=people doubted the clergy",
       "monks could finally write by hand/it was used to print money for kings/it brought the end of latin in a day"),
    _q("history", "Why did the Roman Empire build roads?",
       "armies could march quickly=legions moved fast on them=soldiers got to the frontier"
       "/trade was made easier=goods could be carried=merchants profited"
       "/messages reached the provinces=orders travelled to governors=letters came in days"
       "/the empire was held together=it tied the lands to Rome=control over distant places",
       "for chariot races/because there were no horses/to keep the slaves in one place"),
    _q("history", "What is the separation of powers for?",
       "power is divided between branches=law making, ruling and judging are apart=three parts share it"
       "/no one gets too much power=it prevents tyranny=nobody can rule alone"
       "/the branches check each other=each controls the other two=they watch one another"
       "/rights of citizens are protected=freedom is kept safe=people are safe from arbitrary rule",
       "it splits the country into states/it lets the president do everything/it separates church and army"),
    _q("geography", "Explain how a delta is formed.",
       "a river carries sediment=mud and sand are transported=it brings silt along"
       "/it slows down at the sea=the water loses speed at the mouth=the current gets weak there"
       "/the sediment is dropped=material settles=silt is laid down"
       "/the river splits into branches=it divides into channels=several arms form",
       "the sea washes sand up the river/an earthquake lifts the ground/the river digs a deep valley there"),
    _q("geography", "Why is it hotter at the equator than at the poles?",
       "the sun stands higher=sunlight falls steeply=rays come almost straight down"
       "/the same light falls on a smaller area=energy is concentrated=each patch gets more of it"
       "/the way through the air is shorter=less atmosphere to cross=rays lose less on their way"
       "/ice reflects light at the poles=snow throws it back=white ground sends the heat away",
       "the equator is much closer to the sun/there are more volcanoes there/the poles get no sun because of the wind"),
    _q("geography", "What causes earthquakes?",
       "the crust is made of plates=the earth's shell is in pieces=there are tectonic plates"
       "/the plates move=they drift slowly=they slide against one another"
       "/stress builds up where they lock=tension grows at the fault=they get stuck and pressure rises"
       "/it is released suddenly as waves=the rock slips and it shakes=energy goes off all at once",
       "hot weather cracks the ground/the core explodes/the moon pulls the land up"),
    _q("geography", "Describe the effects of deforestation.",
       "habitats are lost=animals lose their homes=species die out"
       "/less carbon dioxide is taken up=more CO2 stays in the air=it makes climate change worse"
       "/the soil erodes=earth gets washed away=the ground is no longer held by roots"
       "/the water cycle changes=less rain falls=it gets drier around",
       "there is less oxygen so we suffocate soon/the rivers freeze/it makes the ozone thicker"),
    _q("geography", "Why do some countries have an ageing population?",
       "people live longer=life expectancy has risen=fewer die early"
       "/fewer children are born=birth rates fell=families are smaller"
       "/health care has improved=medicine is better=doctors can treat more"
       "/young people move away=the young emigrate=working people leave the country",
       "old people have more children/children grow up faster today/the calendar was changed"),
)  # fmt: skip
