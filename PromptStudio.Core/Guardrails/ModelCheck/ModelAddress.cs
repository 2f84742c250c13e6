using System.Net;
using System.Net.Sockets;

namespace PromptStudio.Core.Guardrails.ModelCheck;

/// <summary>
/// Addresses that no rule may reach, whatever name stands for them: those that give a cloud machine's credentials to whoever asks from it, and those that are no server's. Loopback and
/// private networks stay possible: models are often run there.
/// </summary>
public static class ModelAddress
{
    private static readonly IPNetwork[] Refused =
    [
        // Link-local, with the metadata of AWS, Azure, Google Cloud, Oracle, DigitalOcean and others.
        IPNetwork.Parse("169.254.0.0/16"),
        IPNetwork.Parse("fe80::/10"),
        // AWS over IPv6; Google Cloud over IPv6.
        IPNetwork.Parse("fd00:ec2::/32"),
        IPNetwork.Parse("fd20:ce::254/128"),
        // Alibaba Cloud, Azure's host, Oracle Cloud.
        IPNetwork.Parse("100.100.100.200/32"),
        IPNetwork.Parse("168.63.129.16/32"),
        IPNetwork.Parse("192.0.0.192/32"),
        // Many at once, and none.
        IPNetwork.Parse("224.0.0.0/4"),
        IPNetwork.Parse("240.0.0.0/4"),
        IPNetwork.Parse("0.0.0.0/8"),
        IPNetwork.Parse("ff00::/8"),
        IPNetwork.Parse("::/128"),
    ];

    private static readonly IPNetwork Translated = IPNetwork.Parse("64:ff9b::/96");

    /// <summary>Whether an address is out of the question, also when it is an IPv4 address in IPv6's clothes.</summary>
    public static bool IsRefused(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        else if (address.AddressFamily == AddressFamily.InterNetworkV6 && (Translated.Contains(address) || IsCompatible(address)))
            address = new IPAddress(address.GetAddressBytes().AsSpan(12));
        return Refused.Any(network => network.BaseAddress.AddressFamily == address.AddressFamily && network.Contains(address));
    }

    /// <summary>The old way to write an IPv4 address in an IPv6 one; not <c>::1</c> and <c>::</c>.</summary>
    private static bool IsCompatible(IPAddress address)
    {
        var bytes = address.GetAddressBytes();
        return !bytes.AsSpan(0, 12).ContainsAnyExcept((byte)0) && (bytes[12] | bytes[13]) != 0;
    }
}
