"""The words of the sample, English and German, a line each."""

# English singular; gender, singular and plural in German; English plural.
PEOPLE = """man m Mann Männer men
woman f Frau Frauen women
child n Kind Kinder children
girl n Mädchen Mädchen girls
teacher m Lehrer Lehrer teachers
friend m Freund Freunde friends
nurse f Krankenschwester Krankenschwestern nurses
queen f Königin Königinnen queens
cook m Koch Köche cooks
neighbor f Nachbarin Nachbarinnen neighbors"""
THINGS = """apple m Apfel Äpfel apples
letter m Brief Briefe letters
table m Tisch Tische tables
key m Schlüssel Schlüssel keys
flower f Blume Blumen flowers
lamp f Lampe Lampen lamps
bag f Tasche Taschen bags
clock f Uhr Uhren clocks
book n Buch Bücher books
picture n Bild Bilder pictures
bicycle n Fahrrad Fahrräder bicycles
house n Haus Häuser houses"""
TRAITS = """old alt
young jung
small klein
big groß
clever klug
tired müde
friendly freundlich
quiet ruhig
strange seltsam
famous berühmt"""
LOOKS = """old alt
new neu
small klein
big groß
beautiful schön
red rot
green grün
cheap billig
black schwarz
white weiß"""
# Base, third person, past; German third person, infinitive (which is the
# plural, too), participle.
VERBS = """see sees saw sieht sehen gesehen
buy buys bought kauft kaufen gekauft
sell sells sold verkauft verkaufen verkauft
find finds found findet finden gefunden
paint paints painted malt malen gemalt
carry carries carried trägt tragen getragen
need needs needed braucht brauchen gebraucht
bring brings brought bringt bringen gebracht
love loves loved liebt lieben geliebt
clean cleans cleaned putzt putzen geputzt"""
MODALS = """can kann können
should sollte sollten
will wird werden"""
DETERMINERS = {"the": "der", "my": "mein", "her": "ihr", "his": "sein"}
PLACES = """in the garden=im Garten
in the kitchen=in der Küche
at the market=auf dem Markt
behind the church=hinter der Kirche
in front of the school=vor der Schule"""
MONTHS = """January Januar
March März
May Mai
June Juni
July Juli
October Oktober
December Dezember"""
DAYS = """Monday Montag
Tuesday Dienstag
Thursday Donnerstag
Sunday Sonntag"""
