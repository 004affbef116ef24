# Copies the entries of one apt source file that serve a suite, each to a file of its own:
# another suite, one component, only the package index. What names the archive and its keys is
# kept; what would loosen the signature check isn't.
#
# Environment: KMEMU_FORMAT (list or sources), KMEMU_SUITE, KMEMU_TARGET, KMEMU_COMPONENT and
# KMEMU_OUTPUT, to which a number and the format are added.

BEGIN {
  format = ENVIRON["KMEMU_FORMAT"]
  suite = ENVIRON["KMEMU_SUITE"]
  target = ENVIRON["KMEMU_TARGET"]
  component = ENVIRON["KMEMU_COMPONENT"]
  entries = 100
  forget()
}

format == "list" { oneLine($0) }

format == "sources" && /^[ \t]*$/ { paragraph(); next }
format == "sources" && /^#/ { next }
format == "sources" && /^[ \t]/ {
  value[field] = value[field] " " $0
  text[field] = text[field] "\n" $0
  next
}
format == "sources" {
  field = tolower(substr($0, 1, index($0, ":") - 1))
  if (!(field in value)) order[++fields] = field
  value[field] = substr($0, index($0, ":") + 1)
  text[field] = $0
}

END { if (format == "sources") paragraph() }

function output() {
  return ENVIRON["KMEMU_OUTPUT"] "-" (++entries) "." format
}

function has(list, word) {
  gsub(/[ \t\n]+/, " ", list)
  return index(" " list " ", " " word " ") > 0
}

# Both families keep their own packages in "main"; a third party's component seldom is so named.
function serves(types, uris, suites, components) {
  return has(types, "deb") && has(suites, suite) && uris !~ /^[ \t]*cdrom:/ &&
    (has(components, "main") || has(components, component))
}

function replaced(name) {
  return name ~ /^(types|suites|components|enabled|targets|languages)(-add|-remove)?$/
}

function loosens(name) {
  return name == "trusted" || name ~ /^allow-/
}

function oneLine(line,   options, words, count, kept, first, i, name, rest, file) {
  sub(/#.*/, "", line)
  if (line !~ /^[ \t]*deb[ \t]/) return
  sub(/^[ \t]*deb[ \t]+/, "", line)
  kept = "target=Packages"
  if (match(line, /^\[[^]]*\]/)) {
    options = substr(line, 2, RLENGTH - 2)
    line = substr(line, RLENGTH + 1)
    count = split(options, words, /[ \t]+/)
    for (i = 1; i <= count; i++) {
      name = tolower(words[i])
      sub(/[-+]?=.*/, "", name)
      if (words[i] != "" && name != "target" && name != "lang" && !loosens(name)) {
        kept = kept " " words[i]
      }
    }
  }
  count = split(line, words, /[ \t]+/)
  first = words[1] == "" ? 2 : 1
  rest = ""
  for (i = first + 2; i <= count; i++) rest = rest " " words[i]
  if (!serves("deb", words[first], words[first + 1], rest)) return
  file = output()
  print "deb [" kept "] " words[first] " " target " " component > file
  close(file)
}

function forget() {
  fields = 0
  split("", order)
  split("", value)
  split("", text)
}

function paragraph(   i, name, file) {
  if (value["enabled"] !~ /^[ \t]*(no|false|without|off|disable|0)[ \t]*$/ &&
      serves(value["types"], value["uris"], value["suites"], value["components"])) {
    file = output()
    print "Types: deb" > file
    for (i = 1; i <= fields; i++) {
      name = order[i]
      if (!replaced(name) && !loosens(name)) print text[name] > file
    }
    print "Suites: " target "\nComponents: " component "\nTargets: Packages" > file
    close(file)
  }
  forget()
}
