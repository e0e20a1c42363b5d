"""Which files are read, by suffix, and what the others are called in plain words."""

READ = {
    "pdf": "PDF",
    "docx": "Word document",
    "doc": "Old Word document",
    "odt": "OpenDocument text",
    "wpd": "WordPerfect document",
    "wps": "Works document",
    "pptx": "PowerPoint presentation",
    "ppt": "Old PowerPoint presentation",
    "odp": "OpenDocument presentation",
    "xlsx": "Excel workbook",
    "xlsb": "Binary Excel workbook",
    "xls": "Old Excel workbook",
    "ods": "OpenDocument spreadsheet",
    "html": "Web page",
    "markdown": "Markdown",
    "csv": "Table of separated values",
    "code": "Source code",
    "text": "Plain text",
    "rst": "reStructuredText",
    "org": "Org text",
    "asciidoc": "AsciiDoc",
    "latex": "LaTeX document",
    "notebook": "Jupyter notebook",
    "json": "JSON data",
    "jsonl": "JSON records",
    "xml": "XML document",
    "subtitles": "Subtitles",
    "eml": "E-mail message",
    "msg": "Outlook message",
    "mbox": "Mailbox",
    "mhtml": "Saved web page",
    "rtf": "Rich Text document",
    "epub": "E-book (EPUB)",
    "fb2": "E-book (FictionBook)",
    "image": "Picture",
}
"""Format names as `ExtractedDocument.format` has them, in plain words."""

_SUFFIXES = {
    "pdf": ".pdf",
    "docx": ".docx .docm .dotx .dotm",
    "doc": ".doc .dot",
    "odt": ".odt .ott .fodt",
    "wpd": ".wpd .wp .wp5",
    "wps": ".wps",
    "pptx": ".pptx .pptm .ppsx .ppsm .potx .potm",
    "ppt": ".ppt .pps .pot",
    "odp": ".odp .otp .fodp",
    "xlsx": ".xlsx .xlsm .xltx .xltm",
    "xlsb": ".xlsb",
    "xls": ".xls .xlt",
    "ods": ".ods .ots .fods",
    "html": ".html .htm .xhtml .xht .shtml",
    "markdown": ".md .markdown .mdown .mkd .mkdn .mdx .qmd .rmd",
    "csv": ".csv .tsv .tab .psv",
    "code": (
        ".asm .awk .bash .bat .c .cc .clj .cls .cmake .cmd .coffee .cpp .cs .css .cxx .d .dart "
        ".diff .el .erl .ex .exs .f .f90 .for .fs .go .gradle .groovy .h .hh .hpp .hs .hxx .java "
        ".jl .js .cjs .jsx .kt .kts .less .lisp .lua .m .mjs .mk .ml .mli .mm .nim .nix .pas .patch "
        ".php .pl .pm .proto .ps1 .py .pyi .pyx .r .rb .rs .sass .scala .scm .scss .sh .sol .sql "
        ".svelte .swift .tcl .tf .ts .mts .cts .tsx .v .vb .vba .vhd .vim .vue .zig .zsh"
    ),
    "text": (
        ".txt .text .log .bib .yaml .yml .toml .ini .cfg .conf .properties .env .nfo .me .textile .wiki "
        ".mediawiki .po .ics .vcf .dtd .list .lst"
    ),
    "rst": ".rst .rest",
    "org": ".org",
    "asciidoc": ".adoc .asciidoc",
    "latex": ".tex .ltx .latex",
    "notebook": ".ipynb",
    "json": ".json .geojson .jsonld .topojson .webmanifest .har",
    "jsonl": ".jsonl .ndjson",
    "xml": (
        ".xml .xsd .xsl .xslt .rss .atom .opml .tei .nxml .dbk .docbook .dita .ditamap .kml .gpx .xliff .xlf "
        ".tmx .ttml .plist .wsdl .resx"
    ),
    "subtitles": ".vtt .srt",
    "eml": ".eml .emlx",
    "msg": ".msg .oft",
    "mbox": ".mbox .mbx",
    "mhtml": ".mhtml .mht",
    "rtf": ".rtf",
    "epub": ".epub",
    "fb2": ".fb2 .fbz",
    "image": (
        ".png .jpg .jpeg .jpe .jfif .gif .bmp .tif .tiff .webp .heic .heif .hif .avif .jp2 .j2k "
        ".pbm .pgm .ppm .pnm"
    ),
}
BY_SUFFIX = {suffix: name for name, suffixes in _SUFFIXES.items() for suffix in suffixes.split()}

_NOT_READ = {
    "e-books": ".mobi .azw .azw3 .lit",
    "mailboxes": ".pst .ost",
    "saved web archives": ".webarchive",
    "Pages documents": ".pages",
    "Numbers spreadsheets": ".numbers",
    "Keynote presentations": ".key",
    "PostScript files": ".ps .eps",
    "DjVu documents": ".djvu .djv",
    "XPS documents": ".xps .oxps",
    "comic books": ".cbz .cbr",
    "pictures": ".ico .psd .svg .svgz .xcf",
    "camera raw pictures": ".raw .cr2 .cr3 .nef .dng .arw .orf .rw2 .pef .srw .raf",
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
