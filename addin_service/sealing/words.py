"""The words of which a passphrase is made, for one person to read out and another to write down.

2,048 of them, so that each stands for 11 bits. Common English words of four to eight letters: none
is the beginning of another, any two differ by more than one slip of the finger (a letter wrong,
missing, too many, or two swapped), no two sound nearly alike, and none is known to us to sound like
another word, to be spelled in two ways, or to be out of place in any letter. Sorted.
"""

_LIST = """
abide ability abolish above abroad absent absorb absurd academy accent access acclaim account
achieve acorn acquire acrobat across action active actor address adjust admiral admire admit
adult advance advert afford afloat agenda agent agile agree ahead airbag aircraft airfield
airtight alarm album alcove alert algebra alien alike alley almanac almond alphabet alpine
already always amateur amazing amber ambition ambush amount ample amplify amuse anagram anatomy
ancestor anchor ancient angle animal animate annual answer antelope antenna anthem antique
antler anvil anxious anyone anything apart appeal appetite applaud appoint approve apricot april
apron aquarium aquatic arcade archer arctic arena argue arise armchair aroma arrive arrow artery
article artisan artist artwork ashtray asleep aspect assemble assign assist assume asteroid
athlete atlas attach attempt attend attic attract audience audio author autumn avenue average
avoid awake axiom axle backbone backpack backward badge bagpipe balance ballad ballet balloon
bamboo banana bandage banjo banker banknote banquet barber barefoot bargain barley barnacle
barrel baseball basement bashful basic basket bathrobe batter beagle beaker beam beard because
become bedroom beef beetle begin behave behind behold believe belong beloved belt bench beneath
benefit beside beverage biceps bicycle biggest bingo biology birch birthday bison blade blank
blazer blender blizzard blob blossom bluebell blunt blurry blush bobbin boiler bolster bonfire
bonnet bookmark boost borrow botany bottom bounce boundary boxer boxing bracelet bracket braid
branch brandy brass brave brick bridge brief brigade bright brim bring bristle broccoli broken
bronze brown bubble bucket buckle buddy budget buffalo buffet bulb bulge bulky bulldog bumper
bundle bungalow bunny bunting button buzz cabaret cabbage cabin cable cactus cadet calcium
calendar calf calorie camel camera campus canal canary cancel candid candle candy canine
canister canoe canopy canteen capable capital capsule captain caption capture caramel caravan
cardigan cardinal career careful cargo carnival carol carpet carton carve cascade cashew
cashmere casino cassette castle casual catch cavity cedar century ceramic chain chalk chamber
champion chance channel chapter charcoal charge charity charm chase cheek cheerful chemical
chemist cherish cherry chestnut chicken chickpea chicory chief chimney chimp chipmunk chisel
chop chorus chuckle chunk cider cigar cinema cinnamon circle circuit circus citizen citrus civil
clarify clarinet classic claw clean clench clerk clever client cliff climate climax cling clinic
clip cloud club cluster coast coating cobalt cobra cobweb coconut code coffee coldest collar
collect college column combine comedy comet comfort comic common compact company compare compete
compile complex compost comrade concept concern concrete confuse conifer connect consult contact
contrast control convey cooker cookie coolest copilot copper copycat corner correct corridor
cosmos cottage cough counter county couple coupon courage cousin cowbell cowboy crab crack
cradle craft crane crawl cream crease creature credit crescent crest cricket crimson crisp
critic crowbar crowd crumble crumpet crunch crystal cube cucumber cuddle culture cupboard
cupcake curious cushion custard custom cutlery cylinder daffodil daily dancer daring dark
database dawdle daydream dazed dazzle dealer debate decade december decent decimal declare
decline decorate decree deep default define deflate delete deliver delta deluxe demand denim
density dentist deny depart depend deposit depth deputy derby describe design desire desk
destiny detail detect develop devote dewdrop diagram diary dictate diffuse digital dignity
dimple diner dinosaur diploma direct discard discuss disguise dish dislike display divide dizzy
doctor document dodge dogfish dolphin domain domino donate donkey doorbell doormat doorstep
dormouse double doubt dove downhill downpour downtown dozen dragon drain drama drape drastic
drawing dress drift drill drink drive drizzle droplet drum duet dumpling durable dustbin dusty
dwell dynamic dynasty eager earmuff earring earth easel ebony eclipse ecology economy edible
edition educate effort eggplant eggshell eight elbow elder elect elegant element elephant eleven
embark emblem embrace emerald emotion employ empty emulate enable enchant enclose endless
endorse energy enforce engage engine engrave enhance enigma enjoy enlarge enormous enough enter
entire entrance envious envy episode equal equator equip escort essay essence esteem eternal
evening event every evolve exact examine example exceed excel exchange excite exclaim exclude
excuse exercise exhibit exist exotic expand expect expense explain explore export expose express
extend extra extreme eyebrow eyelash eyelid fabric fabulous facial factory faculty faith falcon
family famous fancy fanfare fantasy farewell farmer farmyard fashion fasten feast feathery
february feedback feline female fence fender fennel ferret festival fiction fiddle field fifty
figure filing fillet film finance finch finger finish firefly fireman firework fishbowl fishcake
fitness fixture flag flake flamingo flannel flask flatmate fleece flexible flight flipper flood
floral florist flourish flow fluffy focus foggy foghorn foliage folk fondue football footpath
forecast forehead foreign forest fortify fortune forum fountain foxglove fraction fragile
fragment frame freckle freedom fresco friday friend fringe frisbee frock frog frontier frost
froth frozen fruit furnace fusion future fuzzy gadget galaxy gallery gallon galore game garage
garden garland garlic garment garnish gatepost gather gazelle gearbox gecko geese general
generous genie genius gentle genuine geology geometry gesture giant gift gigantic giggle giraffe
glance gland glass gleam glide glimpse glitter global globe glorious glory glossy glowworm
glucose glue goal goggles golden goldfish goldmine golf goose gorgeous govern gown grace gradual
grammar grandson granite graph grasp grateful gravity gravy green grind groove group guard
guinea guitar gutter gymnast habit hacksaw haddock halibut hallway halogen hamlet hammer hammock
hamster handbag handbook handrail handsome happen happily happy hardback hardware harmony
harness harp harvest hashtag hassle haystack headband headset healthy heatwave heavy hedgehog
helipad helmet helpful heritage hermit heron hidden highland highway hill himself history hobby
hockey holiday hologram honest hoover hopeful horizon hornet hospital hotel house humid hundred
hungry hurdle husky hydrant hydrogen hygiene hyphen iceberg icebox icicle icing ideal identify
igloo ignite image imagine imitate impact import impress imprint improve include income increase
indeed index indigo indoor industry infinite inform inherit initial inkjet inner input inquest
insect inside insist inspire install instant instead intake integer intend interest interior
internet interval invent invite involve inward island isolate italy itself jacket jackpot jaguar
janitor january jasmine jelly jersey jester jewel jigsaw jingle jogger join joke journal joyful
joystick jukebox jumbo jumpy juniper jupiter kangaroo keepsake kestrel ketchup keyboard keyhole
keynote keypad keystone kidney kilogram kilowatt kimono kindness kingdom kitchen knack knapsack
kneecap knife knuckle label labrador lacrosse ladle ladybird ladybug lagoon lamb landmark
language lantern laptop lapwing larder laser laugh laundry laurel lavender leaflet league leap
learn leather lecture left legend leggings legion leisure lemon lemur length lens lentil letter
level liberty library lifeboat likely lilac lilypad limerick limit linen lipstick liquid listen
literal little liver lizard loaf lobster local locket logbook logic look lorry lottery lucky
luggage lullaby luxury lyric machine magic magnet magnify magpie mailbox major mallard mammal
mammoth manage mango mankind mansion manual marble march margin marina marker marvel mascot
master matrix maximum maypole meadow meal measure mediate medical medium mellow melody melon
member memory mentor mercury merit mermaid merry method microbe midnight migrate mild mileage
mineral minibus minimal minimum mining minnow mint miracle mirage mitten mobile mobility model
modest moisture monarch monday mongoose monitor monocle month monument moonbeam moorland mosaic
mosquito motive mouthful movie mudguard muffin muggy mulberry multiply museum mushroom myself
napkin narrate nation native nature nautical navy nearly neckline nectar needle neon nephew
neptune nerve nettle network neuron neutral newborn newcomer newsreel nickel nickname niece
ninety ninja nitrogen nobody noisy normal north notable notebook notepad nothing notice nourish
novel november nowhere nugget nursery nutmeg nutshell nylon oasis oatmeal oblong obstacle obtain
obvious occasion occupy ocean octagon october octopus offer office offshore often olive olympic
omega online only onset opaque opera opinion optic option orange orchid ordinary organic orient
origin ornament osprey ostrich outback outcome outdoor outfit outing outlet outline outlook
output outside outward oval overall overlap overtime oxygen pacific package padding padlock
paint palace palm pancake panel panorama panpipe panther pants paprika paradise parakeet
parallel parasol parcel pardon parent parrot parsley parsnip partner party passport pastel
pastime pastry pasture patchy pathway patriot patrol pattern pavement payment peaceful peanut
pebble pedestal pelican pellet penalty pencil pendulum pension people pepper percent perch
perfect perform persist person pewter pharmacy phoenix phone photo phrase physical physics
pianist piano piccolo pickaxe pickle picnic picture pigeon piglet pigtail pillar pinball
pinecone pink pipeline piston pivot pixel pizza plaid planet plaque plasma plaster plate
platform platinum platypus playful playmate please pleasure pledge plenty pluck plug plumage
plunge plural pluto podcast podium poem poetry poker policy polka pollen pomelo ponder poodle
popcorn poplar porridge portable portion position possible postbox postcard postman potato
prairie prawn precise preface prefer prefix premium prepare preserve pretend pretty pretzel
prevent preview previous price primary primate primrose prism probe problem proceed profile
promise prompt pronoun propose prosper protect proud proverb provide province provoke public
publish pullover pulse pumpkin pupil puppet purchase purify purpose pyramid python qualify
quantity queen quest quilt quince quintet quirky quiz rabbit radar radiator radish ragtime
railway rainbow raincoat rainfall raisin rally ramble rapid rattle ravioli razor reach realm
rear rebuild recall receive recipe reckon recover recruit rectify recycle reduce redwood referee
refill reflect reform refresh refund regatta register regret regular reindeer rejoice relate
relax release relief remain remark remedy remember remind remote renew rent repair repeat
replace replica reply reptile request require rescue resolve respect respond restore result
retire return reunion reveal revenue revise reward richest ripple roam robin roller romance
romantic rooftop rope rosebud rosemary roster rotate rover rucksack rugby runner runway rustic
saddle safari safety saffron sailor salad salami salesman salmon salsa salute sandwich sapphire
satchel satin satisfy saturday saucepan sausage savanna save sawdust scallop scamper scarf
scenic scholar school scone scoop scout scramble scrap scratch screen scribble script scroll
scrub sculptor seafood seagull seahorse seaport search seashell seaside season seat second
secrecy secret section secure segment seldom seminar senior sense sensible sequin serene series
serpent serum servant service sesame session setback seven several severe sewing shack shadow
shallot shampoo shape sharpen shawl sheet shelf shelter shepherd sherbet sheriff shield shift
shine shipment shipyard shiver shoebox shoelace shovel showcase shower shrimp shrug shuffle
shuttle sidecar sideways sigh signal signpost silence silicon silk silver similar simmer sincere
sister situate sixteen sixty skeleton skunk skylark skyline sleek sleeve slice slogan slope
small smart smoke smooth snail snake snap sneeze sniff snore snorkel snowball snowdrop snowman
snuggle soccer social society sofa software soldier solution somebody songbird soprano south
space spacious spark sparrow spatula special spectrum speech speed spell sphere spicy spinach
spinal spirit splash splendid split sponge sponsor spoon sport spotless sprain sprawl spray
spread spring sprinkle sprout spruce square squeak squeeze squirrel stable stadium staff stage
stairway stamp stand starfish startle station statue steady steam stencil steward stick stirrup
stitch stocking stomach stool storage stormy stove strange straw streak street strength stretch
strong student submit suburb subway succeed success sudden suffix suggest suitable suitcase
sultana summon sunburn sunken sunlight sunrise sunset sunshine suntan super supple suppose
supreme surface surgeon surgery surname surplus surprise survey sustain sweater swipe swirl
sycamore syllable sympathy symphony syrup system tablet tackle tadpole talent tandem tankard
tapestry target tarmac tartan task tassel taste taxi teammate teapot teaspoon teddy telegram
tempo tenant tennis tenth term terrace textile texture thank thatch theme thermos thick thigh
thimble thirteen thirty thistle thought thousand thread thrill thrive throat thrust thunder
thursday ticket tiger timber tinfoil tinkle tinsel tiny tiptoe tissue titanium together toilet
tomato tomorrow tongs tonic tonight toolbox tooth topsoil tornado torrent tortilla total toucan
touch tourist towel towrope tractor traffic trail trainer transfer transit trapdoor trapeze
travel tray treacle treasure treat treble trend triangle tribe tribute triceps tricycle trident
trigger trilogy trinket triplet triumph trolley trombone trophy tropical trousers truck truth
tuesday tugboat tulip tundra tune tunnel turban turbo turf turnip turnover turret turtle tutor
tweed twelve twenty twice twig twilight twist type typical ukulele ultimate umbrella uncle
uncover unhappy unicorn unicycle uniform unify universe unknown unless unlike unpack unpaid
unravel until unusual update upgrade uphill upkeep uplift upright upstairs usable usage useful
utensil vacation valid valuable valve vanilla vanity variety various vast vault vegan velvet
vendor venture verb verify verse vertical vessel veteran vibrate victory video view viking
village vinegar vineyard vintage vinyl violet violin visible vision visit vital vitamin vivid
volcano voltage volume vote voucher voyage wagon waiter walker walkman wallaby walnut walrus
waltz wander wardrobe warning washer wasp watchdog waterway wealth website weekday weekend
welcome welfare western wetsuit whisker wicker width wildlife willing willow windfall windmill
window wing winter wire wisdom wishbone woman woodland woodwork workshop worktop world worthy
wrestle wrinkle yearbook young zebra zenith zero zigzag zinc zone
"""

WORDS = tuple(_LIST.split())
