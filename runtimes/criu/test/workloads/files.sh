# SPDX-License-Identifier: Apache-2.0
# Changes its root in every way that an overlay knows, then waits.
set -e
rm /etc/debian_version                          # whiteout
rm -r /etc/cron.d; mkdir /etc/cron.d; echo new >/etc/cron.d/mine  # opaque directory
mkdir /job; cd /job
echo one >name-a; ln name-a name-b              # hard link
truncate -s 64M sparse; printf end >>sparse
python3 -c 'import os; os.setxattr("name-a", "user.grit", b"kept")'
mkfifo pipe; ln -s name-a link; chmod 4751 name-a; touch -d 2001-02-03 name-a
echo done
while [ ! -e /job/finish ]; do sleep 0.05; done
[ ! -e /etc/debian_version ] && [ "$(ls /etc/cron.d)" = mine ] && [ name-a -ef name-b ] || exit 1
[ "$(stat -c %s sparse)" = 67108867 ] && [ "$(stat -c %b sparse)" -lt 100 ] || exit 2
[ "$(stat -c %a name-a)" = 4751 ] && [ "$(date -r name-a +%F)" = 2001-02-03 ] && [ -p pipe ] && [ -L link ] || exit 3
python3 -c 'import os; assert os.getxattr("name-a", "user.grit") == b"kept"' || exit 4
exit 5
