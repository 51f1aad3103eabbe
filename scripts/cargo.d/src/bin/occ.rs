fn main() {
    opencode_cloud::main()
}
