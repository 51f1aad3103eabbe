# A login shell (tmux, ssh) sets PATH anew, by /etc/profile: put back what the environment of the image has.
if [ "$(id -u)" -eq 1000 ]; then
	PATH=$HOME/.local/bin:$HOME/.npm-global/bin:$PATH
fi
