#include "harness/cli/command.h"

int main(int argc, char** argv) { return recount::Main(argc, argv); }
