module example.com/opensqt

go 1.22
