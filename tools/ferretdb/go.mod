// Pins FerretDB, the MongoDB-protocol server of the tests; scripts/tools builds it.
module switchboard/tools/ferretdb

go 1.22

require github.com/FerretDB/FerretDB v1.24.0
