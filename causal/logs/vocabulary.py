"""The words by which logs name their columns, levels and gaps, in several languages, with how much each one says.

Words stand here as `folded` writes them: in lower case and without accents.
"""

from __future__ import annotations

import unicodedata

_TREATMENT = {
    10: "treatment treated treat behandlung behandelt traitement traite tratamiento tratado trattamento",
    9: "variant arm algorithm algo intervention algorithmus variante varianten algorithme algoritmo eingriff",
    8: "exposed promoted beworben promu promocionado",
    7: "exposure boosted recommended recommender personalised personalized autoplay ranker empfohlen empfehlung "
    "recommande recommandation recomendado recomendacion personalisiert personnalise",
    6: "promotion policy strategy notified emailed qsmk strategie benachrichtigt",
    5: "ab experiment model coupon voucher notification assigned assignment modell modele modelo gutschein versuch "
    "versuchsgruppe testgruppe zuteilung zugeteilt experience experimento asignado esperimento aktion",
    4: "t condition campaign discount enabled training action kampagne rabatt aktiviert campagne remise active "
    "campana descuento activado bedingung",
    3: "bucket email group test smoke version gruppe groupe grupo gruppo essai prueba",
    2: "feature flag funktion fonction",
    1: "new neu neue neuer neues nouveau nouvelle nuevo nueva nuovo nuova novo nova nieuw",
}
_OUTCOME = {
    10: "outcome zielgrosse zielvariable",
    9: "engagement clicked conversion converted revenue churn churned retained retention re78 umsatz erlos geklickt "
    "gekauft ingresos fatturato konversion abwanderung",
    8: "click clicks convert gmv purchased bought watched satisfaction reward klick klicks kauf kaufe kaeufe clic "
    "clics achat achats compra compras comprado acquisto acquisti zufriedenheit gekundigt kundigung",
    7: "ctr spend spent purchase purchases watch minutes dwell sales minuten ausgaben verweildauer horzeit sehdauer "
    "ventes ventas vendite depense depenses gasto gastos minutos minuti verkaufe",
    6: "rating liked response target fraud listened bewertung satisfaccion",
    5: "orders duration likes label played plays wt82 bestellungen dauer commandes duree pedidos duracion ordini "
    "durata ertrag gewinn",
    4: "seconds result y sekunden stunden ergebnis resultat secondes heures resultado segundos tiempo temps tempo "
    "horas",
    3: "order after read nach nachher danach apres despues dopo",
    2: "next post score punkte",
}
_IDENTIFIER = {
    10: "uuid guid",
    9: "id identifier rowid kennung identifiant identificador userid itemid sessionid nutzerid kundenid",
    6: "cookie phone hash sku kundennummer artikelnummer telefon",
    4: "key index nummer nr numero schlussel",
}
_TIME = {
    10: "timestamp datetime zeitstempel horodatage",
    9: "date datum fecha",
    8: "ts zeitpunkt uhrzeit",
    6: "time",
    5: "created when erstellt",
    4: "at zeit",
    1: "day tag jour dia",
}
_PROPENSITY = {10: "propensity pscore propensityscore", 5: "ps", 3: "probability wahrscheinlichkeit"}

_OUTCOME_ENDINGS = {
    8: "klick klicks kauf kaufe kaeufe umsatz erlos",
    7: "minuten ausgaben dauer verkaufe sekunden stunden",
    5: "bestellungen bewertung ertrag horzeit",
}
_TREATMENT_ENDINGS = {8: "variante algorithmus", 5: "gutschein rabatt empfehlung", 3: "gruppe"}


def folded(text: str) -> str:
    """The text in lower case, without accents, with single blanks: "  Été " is "ete"."""
    spread = unicodedata.normalize("NFKD", " ".join(text.split()).casefold())
    return "".join(letter for letter in spread if not unicodedata.combining(letter))


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


def _lines(words: str) -> frozenset[str]:
    return frozenset(each.strip() for each in words.split(";"))


def _points(words: dict[int, str]) -> dict[str, int]:
    return {word: points for points, listed in words.items() for word in listed.split()}


WORDS = {
    "treatment": _points(_TREATMENT),
    "outcome": _points(_OUTCOME),
    "identifier": _points(_IDENTIFIER),
    "time": _points(_TIME),
    "propensity": _points(_PROPENSITY),
}
"""Role -> word -> points: 10 says it outright, 1 barely hints at it."""

ENDINGS = {"treatment": _points(_TREATMENT_ENDINGS), "outcome": _points(_OUTCOME_ENDINGS)}
"""Role -> ending of a compound word ("hoerminuten") -> points."""

BEFORE = _set(
    "prior previous prev previously past before pre baseline history historical last earlier vor vorher vorherige "
    "vorheriger vorheriges bisher bisherige zuvor davor fruher fruhere letzte letzter letztes vorjahr vormonat "
    "vorwoche historisch avant precedent precedente precedents dernier derniere passe historique antes previo previa "
    "previos previas anterior anteriores pasado ultimo ultima historico prima scorso vorige eerder"
)
"""Words of values from before the treatment, which are no outcome."""

AVERAGES = _set("avg mean average durchschnitt mittel moyenne promedio")
"""Words of values that are often, but not always, from before the treatment."""

AFTER = _set("after following afterwards subsequent nach nachher danach apres suivant despues siguiente dopo")
"""Words that say outright that a value is from after the treatment, or after something else that it names."""

AFTER_WITH_NUMBERS = _set("post")
"""Words that say so of numbers only: a post is also something that people write."""

ACTIVITY = _set(
    "click clicks clicked view views impression impressions session sessions visit visits play plays watch watched "
    "klick klicks aufrufe besuche ansichten wiedergaben sitzungen clic clics vues visites lectures vistas visitas "
    "reproducciones visualizzazioni"
)
"""Words of what people do with what they are shown: often an effect of the treatment."""

ATTRIBUTES = _set(
    "age alter edad eta idade leeftijd gender sex sexe geschlecht sexo genere genre birth geburt birthday geburtsjahr "
    "geburtsdatum year jahr annee ano anno month monat mois mes day tag jour dia week woche semaine semana weekday "
    "wochentag hour uhrzeit stunde heure hora country land pays pais paese region state bundesland kanton city stadt "
    "ville ciudad citta zip plz postal postleitzahl language sprache langue idioma lingua locale device gerat geraet "
    "appareil dispositivo browser os betriebssystem platform plattform plateforme income einkommen revenu education "
    "bildung height grosse weight gewicht lat lon lng latitude longitude position rank price preis prix precio prezzo "
    "index row zeile nr nummer numero tenure category kategorie categorie categoria"
)
"""Words of what units and items are, which nobody assigns and nothing in the log changes."""

THINGS = _set(
    "user item session product customer visitor member device request order row nutzer kunde artikel produkt sitzung "
    "besucher mitglied utilisateur client produit visiteur usuario cliente producto visitante utente prodotto"
)
"""What a column of many values identifies when it is the whole name."""

FREE_TEXT = _set(
    "title description text comment review query name message headline url titel beschreibung kommentar nachricht "
    "titre commentaire titulo descripcion comentario note notes notiz bemerkung remark remarks remarque nota"
)
"""Words of columns that hold sentences."""

NO = _set("no nein non n f false falsch faux falso off aus 0 none nee nej nie nao ohne without sans sin")
YES = _set("yes ja oui si y j t true wahr vrai verdadero vero on an ein 1 tak sim avec with mit con")
"""Answers to a question of yes or no."""

CONTROL = NO | _set(
    "control controls kontrolle kontrollgruppe controle temoin controllo baseline basis base placebo holdout default "
    "standard existing current legacy old alt alte alter altes ancien ancienne viejo vieja vecchio untreated "
    "unexposed unbehandelt not nicht pas disabled deaktiviert inactive inaktiv before vorher avant antes a"
)
"""Levels, or words of levels, of those who went without."""

TREATED = YES | _set(
    "treatment treated treat behandlung behandelt test variant variante new neu neue neuer neues nouveau nouvelle "
    "nuevo nueva nuovo nuova experiment experimental exposed enabled aktiviert active aktiv after nachher apres "
    "despues b"
)
"""Levels, or words of levels, of those who got something else."""

ASSIGNED = _set(
    "control controls kontrolle kontrollgruppe controle temoin controllo holdout placebo treatment treated untreated "
    "behandelt unbehandelt"
)
"""Words of levels that only a treatment has."""

TOTALS = _set(
    "total totals totale totaal grand sum sums summe summen gesamt gesamtsumme gesamtergebnis insgesamt zusammen "
    "somme ensemble suma sumatoria general overall toplam razem celkem итого всего 合計 总计 合计 총계"
)
"""Words of a row that adds the others up."""

MISSING_WORDS = _lines(
    r"; null; \n; nan; #n/a; <na>; na; n/a; none; nil; -; --; ---; –; —; −; ?; .; ...; …; k.a.; k. a.; k.a; k/a; n.v.; "
    "keine angabe; keine angaben; ohne angabe; nicht angegeben; nicht vorhanden; nicht verfügbar; entfällt; "
    "unbekannt; fehlt; fehlend; leer; (leer); n.d.; n. d.; n/d; nd; s.o.; s. o.; #nv; #n/v; n.n.; n. n.; s/d; sin "
    "dato; sin datos; desconocido; no disponible; no aplica; (blank); blank; (empty); empty; (null); (none); unknown; "
    "missing; not available; not applicable; undefined; inconnu; non renseigné; non disponible; n.r.; n.c.; manquant; "
    "sconosciuto; non noto; onbekend; desconhecido; nieznane; brak; #null!; #value!; #ref!; #div/0!; #name?; #num!; "
    "#wert!; #bezug!; #valeur!"
)
"""What people write, in lower case, where there is no value."""

EVENTS = {
    "exposure": _set(
        "impression impressions exposure exposed shown show display displayed served start home page start_page "
        "open opened visit anzeige einblendung einblendungen eingeblendet angezeigt gezeigt eindruck ausgespielt "
        "affichage affiche vu mostrado impresion impresiones visto visualizacion"
    ),
    "view": _set(
        "view views viewed pageview pageviews detail details read reads aufruf aufrufe ansicht ansichten gelesen vue "
        "vues lecture consulte vista vistas leido lectura"
    ),
    "click": _set("click clicks clicked tap klick klicks geklickt clic clics cliquer clique pulsacion"),
    "play": _set(
        "play plays played watch watches watched watching stream streamed listen listened wiedergabe abgespielt "
        "gesehen gehort regarder regarde ecoute reproduccion reproducir visto escuchado"
    ),
    "purchase": _set(
        "purchase purchases purchased buy bought order orders ordered checkout transaction sale kauf kaufe gekauft "
        "bestellung bestellt achat achats achete commande compra compras comprado pedido venta"
    ),
    "cart": _set("cart basket addtocart add_to_cart warenkorb panier carrito cesta"),
    "react": _set(
        "like likes liked comment comments share shares shared post posts posted reply follow reaction gefallt "
        "kommentar geteilt beitrag gefolgt aime commentaire partage publication gusta comentario compartido"
    ),
    "subscribe": _set(
        "subscribe subscribed subscription signup trial activate activated renew renewed renewal abo abonniert "
        "angemeldet verlangert abonnement abonne inscription renouvele suscripcion suscrito alta renovado"
    ),
    "cancel": _set(
        "cancel cancelled canceled cancellation churn churned unsubscribe unsubscribed kundigung gekundigt storniert "
        "resiliation annule desabonne cancelacion cancelado baja"
    ),
}
"""What people do, or are shown -> words of the kinds of events that say so."""

KINDS = _set(
    "event events action type kind activity verb ereignis aktion art typ evenement action evento accion tipo name"
)
"""Words of the column that says what kind of event a row is."""

PEOPLE = _set(
    "user users customer client visitor member account person viewer reader subscriber player nutzer kunde besucher "
    "mitglied konto leser abonnent userid uid customerid memberid accountid visitorid shopper buyer kunden kundin "
    "kundennummer kundennr kundenid benutzer nutzerid nutzernummer mitgliedsnummer utilisateur visiteur compte abonne "
    "lecteur usuario cliente visitante cuenta lector"
)
"""Words of who does what an event tells."""

ITEMS = _set(
    "item items product article video movie song track post ad content sku listing artikel produkt film lied beitrag "
    "inhalt produit contenu chanson producto articulo contenido cancion pelicula"
)
"""Words of what it is done with."""

SESSIONS = _set("session sessions sitzung besuch seance sesion visita visit")
"""Words of a visit in which several things are done."""

AMOUNTS = _set(
    "amount price revenue value total spend spent cost betrag preis umsatz wert montant prix revenu valeur importe "
    "precio ingreso valor"
)
"""Words of money."""

DURATIONS = _set(
    "minutes seconds duration dwell watchtime time_spent minuten sekunden dauer verweildauer duree secondes minutos "
    "segundos duracion"
)
"""Words of time spent."""

CATEGORIES = _set(
    "category genre topic section kind_of channel kategorie thema rubrik kanal categorie theme rubrique categoria tema "
    "seccion"
)
"""Words of what sort an item is."""

CONTEXTS = _set(
    "context round request query slate decision impression page_view kontext runde anfrage contexte requete contexto "
    "consulta"
)
"""Words of the choice that several rows of a bandit's log belong to."""

SERVERS = _set("server received receipt ingested ingestion arrived loaded stored inserted empfangen recu recibido")
"""Words of the clock that one trusts more than a device's."""
