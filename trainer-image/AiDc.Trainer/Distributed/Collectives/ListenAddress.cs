using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using AiDc.Api;

namespace AiDc.Trainer.Distributed.Collectives;

/// <summary>Which address of this machine the peers are told.</summary>
internal static class ListenAddress
{
    public const string InterfaceVariable = PodVariables.Interface;

    /// <summary>
    /// AIDC_INTERFACE (the name of a network interface, or an address) if set, else POD_IP, else the address from which this machine
    /// reaches others, else loopback.
    /// </summary>
    /// <exception cref="ConfigurationException">AIDC_INTERFACE or POD_IP says something that is not there.</exception>
    public static string Find(Func<string, string?> variable)
    {
        if (variable(InterfaceVariable) is { Length: > 0 } name)
            return IPAddress.TryParse(name, out var given) ? given.ToString() : OfInterface(name);
        if (variable("POD_IP") is { Length: > 0 } pod)
            return IPAddress.TryParse(pod, out var ip)
                ? ip.ToString()
                : throw new ConfigurationException($"POD_IP is '{pod}', which is no IP address");
        return OfDefaultRoute(AddressFamily.InterNetwork, "192.0.2.1")
            ?? OfDefaultRoute(AddressFamily.InterNetworkV6, "2001:db8::1")
            ?? IPAddress.Loopback.ToString();
    }

    private static string OfInterface(string name)
    {
        var interfaces = NetworkInterface.GetAllNetworkInterfaces();
        var addresses = interfaces.FirstOrDefault(i => i.Name == name)?.GetIPProperties().UnicastAddresses.Select(a => a.Address).ToList()
            ?? throw new ConfigurationException(
                $"{InterfaceVariable} is '{name}', and there is no such network interface; there are: {string.Join(", ", interfaces.Select(i => i.Name))}");
        return (addresses.Find(a => a.AddressFamily == AddressFamily.InterNetwork) ?? addresses.Find(a => !a.IsIPv6LinkLocal))?.ToString()
            ?? throw new ConfigurationException($"{InterfaceVariable} is '{name}', and that interface has no address");
    }

    /// <summary>Connecting a datagram socket sends nothing: the kernel looks up the route and picks the address it would send from.</summary>
    private static string? OfDefaultRoute(AddressFamily family, string documentationAddress)
    {
        try
        {
            using var socket = new Socket(family, SocketType.Dgram, ProtocolType.Udp);
            socket.Connect(new IPEndPoint(IPAddress.Parse(documentationAddress), 9));
            return (socket.LocalEndPoint as IPEndPoint)?.Address.ToString();
        }
        catch (SocketException)
        {
            // No route of this family.
            return null;
        }
    }
}
