"""Which first names may stand for each other: Bill and William, Peggy and Margaret. Pure."""

_NICKNAMES = """
    abigail abby abbie gail | adrian ade | agnes aggie nessie | aidan aiden adie | alan allan al
    | albert bert bertie al | aleksandr sasha | alexander alexandra alex alec sandy sasha lex
    xander | alexis alexa lexi | alfred alf alfie fred freddie | alison ali | alistair alasdair
    alastair ali al | amanda mandy | amelia millie amy milly | andrea andie andi | andrew andy
    drew andre | angela angie ange | angus gus | ann anne anna annie nan nancy annette | annabel
    annabelle bella belle | anthony antony tony ant | antonia toni tonia | archibald archie |
    arthur art | augustus augustine gus | barbara barb babs | barnabas barnaby barney |
    bartholomew bart | beatrice beatrix bea trixie | belinda bel | benedict ben | benjamin ben
    benny benji | bernadette bernie | bernard bernie | beverley beverly bev | bradley brad |
    bridget biddy bridie bridgette | bronwen bron | bryony bry | callum cal | calvin cal |
    cameron cam | caroline carolyn carol caz carrie caro lyn | cassandra cass cassie | catherine
    katherine kathryn catharine katharine kate katie cathy kathy katy kath cath kitty kat kit
    kay cat | cecilia cecily cissy cis | charles charlie chuck chas chaz | charlotte charlie
    lottie char | chloe clo | christian chris | christina christine chris tina christy chrissie
    | christopher chris kit topher kris | clarence clarrie | clement clem | clementine clem
    clemmie | clifford cliff | colin col | connor con | constance connie | cornelius con |
    cynthia cindy | dafydd david dai | damian damien | daniel dan danny | danielle dani | darren
    daz | david dave davy davey dai | deborah debra deb debbie debs | deirdre dee | denise den |
    dennis denis den | derek del derrick | desmond des | diana diane dianne di | dominic dom nic
    | donald don donny | dorothy dot dottie dolly | douglas doug dougie | duncan dunc | edith
    edie | edmund edmond ed eddie ned ted | edward ed eddie ted teddy ned ward | edwin ed eddie
    | eileen ileen | eleanor eleanore elinor ellie nell nora lenny elly | elizabeth elisabeth
    liz beth lizzie betty eliza elsie libby lisa lizzy bess bessie betsy lilibet | ellen helen
    ellie nell nellie | emily em emmy milly | emma em ems | emmanuel manny | eric rick | ernest
    ernie | esther essie | euan ewan ewen | eugene gene | eva eve evie | evelyn evie eve |
    ezekiel zeke | felicity fliss flick | ferdinand ferdie | finlay finley fin | fiona fi |
    florence flo florrie flossie | frances fran frankie fanny | francesca fran frankie chess |
    francis frank frankie fran | franklin frank | frederica freddie | frederick frederic fred
    freddie freddy | gabriel gabe | gabriella gabrielle gabby gabi | gareth gary gaz gaza |
    gavin gav | gemma gem | geoffrey jeffrey geoff jeff | george georgie | georgina georgia gina
    georgie george | gerald gerry jerry | gerard gerry ger | gertrude gertie trudy | gillian
    gill jill gilly | giovanni gianni vanni | giuseppe beppe | glenn glen | glenys glen | gordon
    gord gordy | grace gracie | graham graeme grahame | gregory greg | gwendoline gwendolen gwen
    gwenda | gwyneth gwyn gwen | hannah han | harold harry hal | harriet hattie harri harry |
    hayley hails | heather heth | henrietta hetty etta hen | henry harry hank hal | herbert bert
    herb | hilary hil | howard howie | hubert bert hugh | hugh hughie huw hugo | humphrey hump |
    ian iain | imogen immy | irene rene | isaac ike | isabel isobel isabella isabelle izzy bella
    issy izzie | isadora issy dora | jacob jake jakub | jacqueline jacquelyn jackie jacqui jacky
    | james jim jimmy jamie jem seamus | jane janie jayne janey | janet jan jannie | janice jan
    | jasmine jas jaz | jason jase jay | jean jeannie | jemima mima jem | jennifer jen jenny
    jenni jenn | jeremiah jerry | jeremy jez jerry jem | jessica jess jessie | joan joanie |
    joanna joanne jo joan | jocelyn joss | jodie jody jo | john jack johnny johnnie jon jonny
    ieuan sean | jonathan jonathon jon jonny john | jordan jordy | joseph joe joey jo jose pepe
    | josephine jo josie jose | joshua josh | joyce joy | judith judy jude judi | julia julie
    jules | julian jules | juliet juliette jules | karen kaz | katarina katrina kat trina |
    kayleigh kay | kelly kel | kenneth ken kenny | kevin kev | kimberly kimberley kim | kirsten
    kirsty | kristina kris tina kristen | laura lolly laurie lozza | lauren loz | lawrence
    laurence larry laurie lawrie | leanne lee | leo leonard leopold | leonard len lenny leonard
    | leslie lesley les | lewis lew louis lou | lilian lillian lily lil | linda lynda lyn lin
    lindy | lindsay lindsey lin linz | lionel leo | lorraine lorri raine | louis lou louie |
    louisa louise lou lulu | lucille lucy lucinda cindy luce | luke lucas | lydia lyd | lynn
    lynne lynette lyn | mackenzie mac | madeleine madeline maddie maddy mads | magdalena magda
    lena | malcolm mal | marcus mark marc | margaret maggie meg peggy marge mags greta madge
    maisie daisy margie marguerite rita peg | maria marie mary ria | marianne maryanne | marilyn
    marilynne mari lyn | marion marian | marjorie marge marj margie | martha marty mattie |
    martin martyn marty mart | mary molly polly may mamie moll | matilda tilly mattie till tilda
    | matthew matt matty mat | maureen mo | maurice morris mo | maximilian maxwell max maxim |
    maxine max | megan meg | melanie mel | melissa mel lissa | melvin mel | michael mike mick
    micky mikey mickey | michaela micky mica | michelle shell chelle | mikhail misha | mildred
    millie milly | millicent millie milly | miranda mandy randa | miriam mim mimi | mohammed
    muhammad mohammad mohamed mo muhammed | montague monty | montgomery monty | morgan mog |
    myfanwy myf | nadia nadezhda | natalie nat natalia natasha | natasha tasha nat tash | nathan
    nathaniel nat nate | neil niall neal | neville nev | nicholas nicolas nick nicky nico |
    nicola nicole nicky nic nikki nico nick | nigel nige | norman norm | octavia tavy | oliver
    olly ollie | olivia liv livvy livy | oscar ossie | oswald oz ozzie | owen eoin | pamela pam
    pammy | patricia pat patty trish tricia patsy | patrick pat paddy padraig rick | paul pauly
    | paula pauline | pauline paula polly | penelope penny pen | percival percy perce | peter
    pete | petra pet | philip phillip phil pip | philippa pippa pip phil | phoebe phebes |
    phyllis phyl | priscilla cilla prissy | prudence prue pru | rachel rachael rach rachie |
    ralph raph rafe | ray raymond | raymond ray | rebecca becky bex becca becks rebekah |
    reginald reg reggie | reuben ruben ben | rhiannon rhi | rhys reece rees | richard rich rick
    dick ricky richie dickie rik | robert rob bob bobby robbie bert robin rab | roberta bobbie
    robbie | robin rob | robyn rob | roderick rod roddy | rodney rod | roger rodge | roland
    rollo roly | ronald ron ronnie | rory ror | rosalind ros roz | rosamund ros rosie | rosemary
    rose rosie romy | rowena ro | roxanne roxy | rupert rup | russell russ | ruth ruthie |
    samantha sam sammy | samuel sam sammy | sandra sandy | sarah sara sally sal | scott scotty |
    sean shaun shawn | sebastian seb bas | selina lina | sharon shaz shar | shirley shirl |
    sidney sydney sid syd | simon si | siobhan shiv | solomon sol | sophia sophie soph | spencer
    spence | stacey stace | stanley stan | stella stell | stephanie steph stevie | stephen
    steven steve stevie stefan ste | stuart stu stewart | susan sue susie suzanne susannah suzie
    suzy sukie | sylvia sylv | tabitha tabby | tamara tammy tam | tamsin tam tammy | teodor theo
    | terence terry terrence tel | teresa theresa teri terri tess tessa tracy | theodore theo
    ted teddy | thomas tom tommy tam | timothy tim timmy | tobias toby | tracey tracy trace |
    trevor trev | tristan tris | ursula ursie | valentine val | valerie val | vanessa nessa ness
    | veronica ronnie vron nica | victor vic | victoria vicky vicki tori vic vikki vickie |
    vincent vince vinny | viola violet vi | vivian vivien vivienne viv | vladimir vova volodya |
    wallace wally | walter wally walt wat | wendy wen | wilfred wilfrid wilf fred | wilhelmina
    mina minnie billie | william will bill billy willy liam willie gwilym wills | winifred win
    winnie freda | winston win | wolfgang wolf | yasmin yas | yvonne eve von | zachary zach zac
    zack zak
"""
"""Our own list, British usage first; names between bars may stand for each other."""

_GROUPS = tuple(frozenset(group.split()) for group in _NICKNAMES.split("|"))
_BY_NAME: dict[str, list[frozenset[str]]] = {}
for _group in _GROUPS:
    for _name in _group:
        _BY_NAME.setdefault(_name, []).append(_group)


def short_forms(name: str) -> frozenset[str]:
    """The first names that may stand for this one, itself included where it is listed."""
    return frozenset().union(*_BY_NAME.get(name, ()))


def same_given(a: str, b: str) -> bool:
    """Whether two first names can be one person's: equal, short form, or an initial."""
    if a == b or ((len(a) == 1 or len(b) == 1) and a[:1] == b[:1]):
        return True
    if b in short_forms(a):
        return True
    shorter, longer = sorted((a, b), key=len)
    return len(shorter) > 2 and longer.startswith(shorter)
