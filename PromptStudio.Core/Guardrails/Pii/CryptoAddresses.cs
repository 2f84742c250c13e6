using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;

namespace PromptStudio.Core.Guardrails.Pii;

/// <summary>Addresses of wallets, by their checksums: base58check and bech32(m) of Bitcoin and its kin, mixed case of Ethereum.</summary>
internal static class CryptoAddresses
{
    private const string Base58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    private const string Bech32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    private const int Bech32M = 0x2bc830a3;
    private const int Decoded = 25;

    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdefABCDEF");

    private static ReadOnlySpan<uint> Generator => [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];

    /// <summary>Whether a word of letters and digits is an address.</summary>
    public static bool IsAddress(ReadOnlySpan<char> word) => word.Length switch
    {
        42 when word.StartsWith("0x") => IsEthereum(word[2..]),
        <= 90 when word.StartsWith("bc1", StringComparison.OrdinalIgnoreCase) || word.StartsWith("tb1", StringComparison.OrdinalIgnoreCase) => IsSegwit(word, 2),
        <= 90 when word.StartsWith("ltc1", StringComparison.OrdinalIgnoreCase) => IsSegwit(word, 3),
        >= 26 and <= 35 => IsBase58Check(word),
        _ => false,
    };

    private static bool IsBase58Check(ReadOnlySpan<char> word)
    {
        Span<byte> bytes = stackalloc byte[Decoded];
        bytes.Clear();
        foreach (var character in word)
        {
            var carry = Base58.IndexOf(character, StringComparison.Ordinal);
            if (carry < 0)
                return false;
            for (var index = Decoded - 1; index >= 0; index--)
            {
                carry += 58 * bytes[index];
                bytes[index] = (byte)carry;
                carry >>= 8;
            }
            if (carry != 0)
                return false;
        }
        // Pay to a key or to a script: Bitcoin, its test network, Litecoin, Dogecoin.
        if (bytes[0] is not (0 or 5 or 111 or 196 or 48 or 50 or 30 or 22))
            return false;
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes[..21], hash);
        SHA256.HashData(hash, hash);
        return hash[..4].SequenceEqual(bytes[21..]);
    }

    /// <summary>Version 0 is bech32, later ones bech32m; one case throughout.</summary>
    private static bool IsSegwit(ReadOnlySpan<char> word, int prefix)
    {
        if (word.Length < 14 || (word.ContainsAnyInRange('a', 'z') && word.ContainsAnyInRange('A', 'Z')))
            return false;
        var check = 1u;
        for (var index = 0; index < prefix; index++)
            check = Step(check) ^ (uint)(char.ToLowerInvariant(word[index]) >> 5);
        check = Step(check);
        for (var index = 0; index < prefix; index++)
            check = Step(check) ^ (uint)(char.ToLowerInvariant(word[index]) & 31);
        var version = -1;
        foreach (var character in word[(prefix + 1)..])
        {
            var value = Bech32.IndexOf(char.ToLowerInvariant(character), StringComparison.Ordinal);
            if (value < 0)
                return false;
            version = version < 0 ? value : version;
            check = Step(check) ^ (uint)value;
        }
        return check == (version == 0 ? 1 : Bech32M);
    }

    private static uint Step(uint check)
    {
        var top = check >> 25;
        check = (check & 0x1ffffff) << 5;
        for (var index = 0; index < 5; index++)
            check ^= (top >> index & 1) != 0 ? Generator[index] : 0;
        return check;
    }

    /// <summary>Forty hex digits; where cases are mixed, the case of each letter is a bit of the hash (EIP-55).</summary>
    private static bool IsEthereum(ReadOnlySpan<char> digits)
    {
        if (digits.ContainsAnyExcept(HexDigits) || CheckDigits.AllSame(digits))
            return false;
        if (!digits.ContainsAnyInRange('A', 'F') || !digits.ContainsAnyInRange('a', 'f'))
            return true;
        Span<byte> lower = stackalloc byte[40];
        for (var index = 0; index < 40; index++)
            lower[index] = (byte)char.ToLowerInvariant(digits[index]);
        Span<byte> hash = stackalloc byte[32];
        Keccak256(lower, hash);
        for (var index = 0; index < 40; index++)
        {
            var nibble = index % 2 == 0 ? hash[index / 2] >> 4 : hash[index / 2] & 15;
            if (char.IsAsciiLetter(digits[index]) && char.IsAsciiLetterUpper(digits[index]) != nibble >= 8)
                return false;
        }
        return true;
    }

    /// <summary>Keccak as Ethereum uses it, which pads otherwise than SHA-3. For inputs of one block.</summary>
    private static void Keccak256(ReadOnlySpan<byte> input, Span<byte> hash)
    {
        const int Rate = 136;
        Span<byte> block = stackalloc byte[Rate];
        block.Clear();
        input.CopyTo(block);
        block[input.Length] = 1;
        block[Rate - 1] |= 0x80;
        Span<ulong> state = stackalloc ulong[25];
        state.Clear();
        for (var lane = 0; lane < Rate / 8; lane++)
            state[lane] = BinaryPrimitives.ReadUInt64LittleEndian(block[(8 * lane)..]);
        Span<ulong> parity = stackalloc ulong[5];
        var register = 1;
        for (var round = 0; round < 24; round++)
        {
            for (var x = 0; x < 5; x++)
                parity[x] = state[x] ^ state[x + 5] ^ state[x + 10] ^ state[x + 15] ^ state[x + 20];
            for (var lane = 0; lane < 25; lane++)
                state[lane] ^= parity[(lane + 4) % 5] ^ BitOperations.RotateLeft(parity[(lane + 1) % 5], 1);
            var (at, moved) = (1, state[1]);
            for (var step = 1; step <= 24; step++)
            {
                // Lane (x, y) goes to (y, 2x + 3y), turned by the step's triangular number.
                var (x, y) = (at % 5, at / 5);
                at = y + (5 * (((2 * x) + (3 * y)) % 5));
                (moved, state[at]) = (state[at], BitOperations.RotateLeft(moved, step * (step + 1) / 2 % 64));
            }
            for (var row = 0; row < 25; row += 5)
            {
                state.Slice(row, 5).CopyTo(parity);
                for (var x = 0; x < 5; x++)
                    state[row + x] = parity[x] ^ (~parity[(x + 1) % 5] & parity[(x + 2) % 5]);
            }
            for (var bit = 0; bit < 7; bit++)
            {
                if ((register & 1) != 0)
                    state[0] ^= 1UL << ((1 << bit) - 1);
                register = (register << 1) ^ ((register >> 7) * 0x171);
            }
        }
        for (var lane = 0; lane < 4; lane++)
            BinaryPrimitives.WriteUInt64LittleEndian(hash[(8 * lane)..], state[lane]);
    }
}
