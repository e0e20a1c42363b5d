"""Which files are read, by suffix, and what the others are called in plain words."""

READ = {
    "pdf": "PDF",
    "docx": "Word document",
    "html": "Web page",
    "markdown": "Markdown",
    "csv": "Table of separated values",
    "code": "Source code",
    "text": "Plain text",
}
"""Format names as `ExtractedDocument.format` has them, in plain words."""

_SUFFIXES = {
    "pdf": ".pdf",
    "docx": ".docx .docm .dotx .dotm",
    "html": ".html .htm .xhtml .xht .shtml",
    "markdown": ".md .markdown .mdown .mkd .mkdn .mdx .qmd .rmd",
    "csv": ".csv .tsv .tab .psv",
    "code": (
        ".asm .awk .bash .bat .c .cc .clj .cls .cmake .cmd .coffee .cpp .cs .css .cxx .d .dart "
        ".diff .el .erl .ex .exs .f .f90 .for .fs .go .gradle .groovy .h .hh .hpp .hs .hxx .java "
        ".jl .js .jsx .kt .kts .less .lisp .lua .m .mjs .mk .ml .mli .mm .nim .nix .pas .patch "
        ".php .pl .pm .proto .ps1 .py .pyi .pyx .r .rb .rs .sass .scala .scm .scss .sh .sol .sql "
        ".svelte .swift .tcl .tf .ts .tsx .v .vb .vba .vhd .vim .vue .zig .zsh"
    ),
    "text": (
        ".txt .text .log .rst .adoc .asciidoc .org .tex .ltx .bib .json .jsonl .ndjson .geojson "
        ".yaml .yml .toml .ini .cfg .conf .properties .env .xml .xsd .xsl .xslt .rss .atom .opml "
        ".vtt .srt .nfo .me .textile .wiki .mediawiki .po .ics .vcf .tei .dtd .list .lst"
    ),
}
BY_SUFFIX = {suffix: name for name, suffixes in _SUFFIXES.items() for suffix in suffixes.split()}

_NOT_READ = {
    "Excel workbooks": ".xlsx .xlsm .xltx .xltm .xls .xlsb .xlt",
    "PowerPoint presentations": ".pptx .pptm .ppsx .potx .ppt .pps .pot",
    "old Word documents": ".doc .dot",
    "OpenDocument texts": ".odt .ott .fodt",
    "OpenDocument spreadsheets": ".ods .ots .fods",
    "OpenDocument presentations": ".odp .otp .fodp",
    "Rich Text documents": ".rtf",
    "e-books": ".epub .mobi .azw .azw3 .fb2 .lit",
    "e-mail messages": ".eml .msg .emlx",
    "mailboxes": ".mbox .pst .ost",
    "saved web archives": ".mhtml .mht .webarchive",
    "Jupyter notebooks": ".ipynb",
    "Pages documents": ".pages",
    "Numbers spreadsheets": ".numbers",
    "Keynote presentations": ".key",
    "WordPerfect documents": ".wpd .wp .wp5",
    "Works documents": ".wps",
    "PostScript files": ".ps .eps",
    "DjVu documents": ".djvu .djv",
    "XPS documents": ".xps .oxps",
    "comic books": ".cbz .cbr",
    "pictures": (
        ".png .jpg .jpeg .jpe .gif .bmp .tif .tiff .webp .heic .heif .avif .ico .psd .svg .svgz "
        ".jp2 .raw .cr2 .nef .dng .xcf .pbm .pgm .ppm .pnm"
    ),
    "sound files": ".mp3 .wav .flac .ogg .oga .m4a .aac .wma .opus .aif .aiff .mid",
    "films": ".mp4 .m4v .mov .avi .mkv .webm .wmv .mpg .mpeg .3gp .ogv",
    "archives": (
        ".zip .tar .gz .tgz .bz2 .xz .7z .rar .zst .lz .lz4 .lzma .z .cab .iso .dmg .jar .war .ar .cpio"
    ),
    "programs": (".exe .dll .so .dylib .o .a .lib .class .pyc .pyd .wasm .app .msi .deb .rpm .apk .bin .dat"),
    "databases": ".sqlite .sqlite3 .db .mdb .accdb .dbf .parquet .feather .h5 .hdf5",
    "fonts": ".ttf .otf .woff .woff2 .eot",
}
NAME_NOT_READ = {suffix: name for name, suffixes in _NOT_READ.items() for suffix in suffixes.split()}


def readable_suffixes() -> tuple[str, ...]:
    """Suffixes (with their dot, lower case) of the files that are read; files without one may be text too."""
    return tuple(sorted(BY_SUFFIX))


def describe_format(name: str) -> str:
    """A format's name in plain words (`pdf` is `PDF`)."""
    return READ.get(name, name)
