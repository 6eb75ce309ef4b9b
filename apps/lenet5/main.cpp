#include "apps/common/net_program.h"

int main(int argc, char** argv) { return sluice::apps::net_program("lenet5", argc, argv); }
