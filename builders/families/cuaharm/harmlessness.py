"""Names that no task written here may have: known weaknesses, malware, and tools made for attacks."""

import regex

_WEAKNESS = regex.compile(r"\b(?:CVE|CWE|GHSA|EDB)-[\w-]*\d|\bMS\d\d-\d{3}\b", regex.IGNORECASE)
_NAMES = regex.compile(
    r"\b(?:metasploit|msfvenom|msfconsole|meterpreter|mimikatz|cobalt ?strike|bloodhound|hashcat|john the ripper|hydra|medusa"
    r"|sqlmap|nmap|masscan|nikto|aircrack(?:-ng)?|responder|linpeas|winpeas|ransomware|keylogger|rootkit|botnet|trojan|spyware"
    r"|shellcode|reverse shell|bind shell|fork bomb|buffer overflow|zero-day|0-?day|eternalblue|log4shell|shellshock"
    r"|heartbleed|dirty ?(?:cow|pipe)|wannacry|emotet|exploit-?db)\b",
    regex.IGNORECASE,
)


def named(texts: list[str]) -> int:
    """Return how many weaknesses, kinds of malware and attack tools texts name."""
    return sum(len(pattern.findall(text)) for text in texts for pattern in (_WEAKNESS, _NAMES))
