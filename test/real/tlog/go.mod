module chancery.test/tlog

go 1.25.0

require (
	github.com/transparency-dev/formats v0.1.2-0.20260710124811-af9e607161b6
	github.com/transparency-dev/witness v0.0.0-20260720115447-2e1c6971d19e
	golang.org/x/mod v0.37.0
)

// The witness asks for an unpublished version of this module. The published one lacks a single function, of
// subtree signing, which add-checkpoint does not use: go-tools.ts puts the module here with that one missing.
replace github.com/transparency-dev/merkle => ./merkle
